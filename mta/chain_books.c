/* chain_books - the chains' part of the books */
#include "ledger/books.h"
#include "mta/chain_flight.h"
