/* dovecot - what a line of Dovecot says about logins */
#include "mta/dovecot.h"

#include "mta/postfix_parts.h"

enum { SERVICE_MAX = 40 };

static const struct str auth = PART("auth"), worker = PART("auth-worker");

/* Which of Dovecot's processes speaks; *s begins behind its name. */
static bool
take_service(const struct logline *in, struct str *s, struct str *service)
{
	static const bool is_end[256] = {
	    ['('] = true, [':'] = true, [' '] = true};
	size_t n = 0, max;

	*s = in->text;
	/* In its own log file the tag is the process: "imap-login: Info: ". It
	 * has no pid then, as the lines of most others do. */
	if (!str_starts(in->tag, STR("dovecot")) && in->tag.p < in->text.p) {
		if (in->pid.n > 0)
			return false;
		*s = str_make(
		    in->tag.p, (size_t)(in->text.p - in->tag.p) + in->text.n);
	}
	max = s->n < SERVICE_MAX ? s->n : SERVICE_MAX;
	while (n < max && !is_end[(uint8_t)s->p[n]])
		n++;
	*service = str_head(*s, n);
	*s = str_skip(*s, n);
	return str_ends(*service, STR("-login")) || str_is(*service, auth) ||
	       str_is(*service, worker);
}

/* "(123): Info: " or ": " */
static bool
take_prefix(struct str *s)
{
	if (part_take(s, STR("("))) {
		*s = str_skip(*s, part_digits(*s));
		if (!part_take(s, STR(")")))
			return false;
	}
	if (!part_take(s, STR(": ")))
		return false;
	part_take(s, STR("Info: "));
	return true;
}

static bool
is_address(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f') &&
		    !(c >= 'A' && c <= 'F') && c != ':' && c != '.')
			return false;
	}
	return s.n > 1 && s.n < 64;
}

/* "session=<S>", the only brackets behind the user's. */
static bool
take_session(struct str v, struct str *session)
{
	if (!part_take(&v, STR("session=<")) || !part_drop(&v, STR(">")) ||
	    session->n > 0)
		return false;
	*session = v;
	return true;
}

/* ", method=PLAIN, rip=A, lip=B, mpid=9, TLS, session=<S>". False when it
 * isn't that, or says a thing twice. */
static bool
take_elements(struct postfix_line *l, struct str s)
{
	struct str method = {"", 0}, rip = {"", 0}, session = {"", 0}, one;

	if (s.n > 0 && !part_take(&s, STR(", ")))
		return false;
	while (s.n > 0) {
		if (!part_cut_at(&s, STR(", "), &one))
			one = s, s = str_make("", 0);
		if (part_take(&one, STR("method="))) {
			if (method.n > 0)
				return false;
			method = one;
		} else if (part_take(&one, STR("rip="))) {
			if (rip.n > 0 || !is_address(one))
				return false;
			rip = one;
		} else if (memchr(one.p, '<', one.n) ||
			   memchr(one.p, '>', one.n)) {
			if (!take_session(one, &session))
				return false;
		}
	}
	if (method.n > 0)
		part_put(l, FIELD_SASL_METHOD, method);
	if (rip.n > 0)
		part_put(l, FIELD_CLIENT_ADDRESS, rip);
	if (session.n > 0)
		part_put(l, FIELD_SESSION, session);
	return true;
}

/* "user=<U>, ..." to the end. */
static void
take_user(struct postfix_line *l, struct str s)
{
	struct str user;

	if (!part_cut(&s, '>', &user) || memchr(user.p, '<', user.n) ||
	    !take_elements(l, s))
		return;
	if (user.n > 0)
		part_put(l, FIELD_SASL_USERNAME, user);
}

/* "... auth failed, 3 attempts in 6 secs ..." */
static bool
take_attempts(struct postfix_line *l, struct str head)
{
	static const struct str failures[] = {
	    PART("auth failed, "), PART("authorization failed, ")};
	struct str s, before;

	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		s = head;
		if (!part_cut_at(&s, failures[i], &before))
			continue;
		size_t n = part_digits(s);

		if (n == 0 || n > 4 ||
		    !str_starts(str_skip(s, n), STR(" attempts")))
			return false;
		part_put(l, FIELD_ATTEMPTS, str_head(s, n));
		return true;
	}
	return false;
}

/* Where one server stands before others, it logs that it passes a login on. */
static bool
is_success(struct str head)
{
	return str_is(head, STR("Login")) || str_is(head, STR("Logged in")) ||
	       (str_starts(head, STR("proxy(")) &&
		   memmem(head.p, head.n, "tarted proxying to ", 19));
}

static bool
parse_session(struct postfix_line *l, struct str service, struct str s)
{
	struct str head, text = s;

	if (!part_cut_at(&s, STR(": user=<"), &head))
		return false;
	if (is_success(head))
		l->kind = LINE_LOGIN;
	else if (take_attempts(l, head))
		l->kind = LINE_LOGIN_FAILED;
	else if (str_starts(head, STR("Disconnected")) ||
		 str_starts(head, STR("Aborted login")) ||
		 str_starts(head, STR("Login aborted")))
		l->kind = LINE_LOGIN_ABORTED;
	else
		return false;
	part_put(l, FIELD_PROTO, str_head(service, service.n - 6));
	part_put(l, FIELD_TEXT, str_head(text, head.n));
	take_user(l, s);
	return true;
}

/* Where a password begins; the length when there is none. */
static size_t
find_secret(struct str s)
{
	static const struct str marks[] = {PART("given password"),
	    PART("password:"), PART("password="), PART("pass="), PART("resp="),
	    PART("CONT"), PART("PASSV"), PART("cred")};
	size_t found = s.n;

	/* "CRYPT(password) != 'hash'": where it begins is the client's. */
	if (str_find(s, STR(" != '")) >= 0)
		return 0;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		ptrdiff_t at = str_find_nocase(s, marks[i]);

		if (at >= 0 && (size_t)at < found)
			found = (size_t)at;
	}
	return found;
}

static bool
is_refusal(struct str s)
{
	static const struct str refusals[] = {PART("Password mismatch"),
	    PART("unknown user"), PART("Unknown user"),
	    PART("Authentication failure due to policy server refusal"),
	    PART("User is disabled"), PART("Password expired"),
	    PART("Login disabled")};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (str_starts(s, refusals[i]))
			return true;
	return false;
}

/* From the right: "USER,1.2.3.4[,master][,sasl:plain][,<SESSION>]". */
static bool
take_identifier(struct postfix_line *l, struct str s)
{
	struct str session = {"", 0}, address = s;
	const char *comma;

	for (int i = 0; i < 4; i++) {
		comma = s.n ? memrchr(s.p, ',', s.n) : NULL;
		if (!comma)
			return false;
		address = str_skip(s, (size_t)(comma + 1 - s.p));
		s = str_head(s, (size_t)(comma - s.p));
		if (is_address(address))
			break;
		if (part_take(&address, STR("<")) &&
		    part_drop(&address, STR(">")) && session.n == 0)
			session = address;
		else if (!str_is(address, STR("master")) &&
			 !str_starts(address, STR("sasl:")))
			return false;
	}
	if (!is_address(address) || s.n == 0)
		return false;
	part_put(l, FIELD_CLIENT_ADDRESS, address);
	if (!str_is(s, STR("?")))
		part_put(l, FIELD_SASL_USERNAME, s);
	if (session.n > 0)
		part_put(l, FIELD_SESSION, session);
	return true;
}

/* What imitates the end of the name's brackets leaves two readings. */
static bool
has_second_end(struct str s)
{
	return memmem(s.p, s.n, "): ", 3) || memmem(s.p, s.n, ")<", 2);
}

/* 2.4: "(USER,IP,sasl:plain)<SESSION>: Info: sql: Password mismatch" */
static bool
cut_new(struct str *s, struct str *who, struct str *session)
{
	struct str rest = *s, database;

	if (!part_take(&rest, STR("(")) || !part_cut(&rest, ')', who))
		return false;
	*session = str_make("", 0);
	if (part_take(&rest, STR("<")) && !part_cut(&rest, '>', session))
		return false;
	if (!take_prefix(&rest) || !part_cut_at(&rest, STR(": "), &database) ||
	    database.n > SERVICE_MAX)
		return false;
	*s = rest;
	return true;
}

/* To 2.3: ": Info: sql(USER,IP,<SESSION>): Password mismatch"; a worker may
 * say "conn unix:auth-worker (pid=9,uid=97): auth-worker<1>: " before it. */
static bool
cut_old(struct str *s, struct str *who, struct str *session)
{
	struct str rest = *s, head;

	if (!take_prefix(&rest))
		return false;
	if (part_take(&rest, STR("conn unix:auth-worker (pid=")) &&
	    (!part_cut_at(&rest, STR("): auth-worker<"), &head) ||
		!part_cut_at(&rest, STR(">: "), &head)))
		return false;
	if (!part_cut(&rest, '(', &head) || head.n > SERVICE_MAX ||
	    memchr(head.p, ' ', head.n) || !part_cut_at(&rest, STR("): "), who))
		return false;
	*session = str_make("", 0);
	*s = rest;
	return true;
}

static bool
parse_passdb(struct postfix_line *l, struct str service, struct str s)
{
	struct str who, session;

	s = str_head(s, find_secret(s));
	part_drop(&s, STR(" (SHA1 of "));
	part_drop(&s, STR(" ("));
	bool is_new = str_is(service, auth) && s.n > 0 && s.p[0] == '(';

	if (!(is_new ? cut_new : cut_old)(&s, &who, &session) || !is_refusal(s))
		return false;
	l->kind = LINE_PASSDB_FAILED;
	part_put(l, FIELD_TEXT, s);
	if (!has_second_end(s) && !memchr(who.p, '(', who.n) &&
	    take_identifier(l, who) && session.n > 0)
		part_put(l, FIELD_SESSION, session);
	return true;
}

bool
dovecot_parse(const struct logline *in, struct postfix_line *out)
{
	struct str service, s;

	if (!take_service(in, &s, &service))
		return false;
	if (!str_ends(service, STR("-login")))
		return parse_passdb(out, service, s);
	return take_prefix(&s) && parse_session(out, service, s);
}

void
dovecot_print_text(struct text *out, const struct logline *in)
{
	struct str service, s;
	size_t n = in->text.n;

	if (str_starts(in->tag, STR("dovecot")) ||
	    take_service(in, &s, &service))
		n = find_secret(in->text);
	text_str(out, str_head(in->text, n));
	if (n < in->text.n)
		text_add(out, "<hidden>");
}
