# Outpost. `make help` lists the targets.
#
# One library of all rooms, two programs, and a test program per x_test.c.
# BUILD names the folder of a variant, so that sanitizer and release builds
# live side by side:  make BUILD=build-san SAN=address,undefined unit

PREFIX     ?= /usr
SYSCONFDIR ?= /etc
DESTDIR    ?=
BUILD      ?= build
CC         ?= cc
SAN        ?=
WERROR     ?=

ROOMS    := base ledger mta limits fbl notify daemon
PKGS     := libevent libevent_pthreads hiredis libcurl libconfig lmdb jansson libcrypto zlib libsystemd libmaxminddb gmime-3.0
