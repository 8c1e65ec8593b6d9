#include "domains/spf.h"

#include "base/test.h"
#include "domains/test_answers.h"

/* The topics of the RFC, in names of their own. 192.0.2.1 is the client. */
static const char *const zone[] = {
    /* what is a record (4.4, 4.5) */
    "empty.ex TXT v=spf1\n"
    "pass.ex TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "upper.ex TXT \"V=SPF1 IP4:192.0.2.1 -ALL\"\n"
    "tab.ex TXT \"v=spf1\t-all\"\n"
    "v10.ex TXT \"v=spf10 -all\"\n"
    "v10both.ex TXT \"v=spf10 -all\"\n"
    "v10both.ex TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "two.ex TXT \"v=spf1 -all\"\n"
    "two.ex TXT \"v=spf1 +all\"\n"
    "other.ex TXT \"hello\"\n"
    "other.ex TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "split.ex TXT \"v=spf1 ip4:192.\" \"0.2.1 -all\"\n"
    "splitbad.ex TXT \"v=spf1 ip4:192.0.2.1\" \"-all\"\n"
    "type99.ex SPF \"v=spf1 +all\"\n"
    "down.ex SERVFAIL\n"
    "blanks.ex TXT \"v=spf1   ip4:192.0.2.1    -all   \"\n"
    "long.ex LONG 60000\n"
    "alias.ex CNAME pass.ex\n"
    "utf.ex TXT \"v=spf1 a:\303\244.ex -all\"\n"
    /* words (4.6.1, 12) */
    "unknownmech.ex TXT \"v=spf1 ip4:192.0.2.1 foo:bar -all\"\n"
    "unknownmod.ex TXT \"v=spf1 foo=bar ip4:192.0.2.1 -all\"\n"
    "badmod.ex TXT \"v=spf1 foo=%{z} ip4:192.0.2.1 -all\"\n"
    "modname.ex TXT \"v=spf1 1up=foo ip4:192.0.2.1 -all\"\n"
    "order.ex TXT \"v=spf1 redirect=empty.ex ip4:192.0.2.1 -all\"\n"
    "tworedirects.ex TXT \"v=spf1 redirect=a.ex redirect=b.ex\"\n"
    "twoexp.ex TXT \"v=spf1 exp=a.ex exp=b.ex -all\"\n"
    "dashes.ex TXT \"v=spf1 --all\"\n"
    "allarg.ex TXT \"v=spf1 -all.\"\n"
    "allarg2.ex TXT \"v=spf1 -all:foo.ex\"\n"
    "allcidr.ex TXT \"v=spf1 -all/8\"\n"
    "alldouble.ex TXT \"v=spf1 -all=\"\n"
    /* ip4, ip6 (5.6) */
    "ip4cidr.ex TXT \"v=spf1 ip4:192.0.2.128/24 -all\"\n"
    "ip4zero.ex TXT \"v=spf1 ip4:203.0.113.1/0 -all\"\n"
    "ip4wrong.ex TXT \"v=spf1 ip4:192.0.2.1/33 -all\"\n"
    "ip4lead.ex TXT \"v=spf1 ip4:192.0.2.1/032 -all\"\n"
    "ip4short.ex TXT \"v=spf1 ip4:192.0.2 -all\"\n"
    "ip4port.ex TXT \"v=spf1 ip4:192.0.2.1:25 -all\"\n"
    "ip4none.ex TXT \"v=spf1 ip4 -all\"\n"
    "ip4empty.ex TXT \"v=spf1 ip4: -all\"\n"
    "ip6.ex TXT \"v=spf1 ip6:2001:DB8::/32 -all\"\n"
    "ip6bare.ex TXT \"v=spf1 ip6:2001:db8::1 -all\"\n"
    "ip6wrong.ex TXT \"v=spf1 ip6:2001:db8::/129 -all\"\n"
    "ip6bad.ex TXT \"v=spf1 ip6:2001:db8 -all\"\n"
    "ip6v4.ex TXT \"v=spf1 ip6:192.0.2.1 -all\"\n"
    "ip6zero.ex TXT \"v=spf1 ip6:::1/0 -all\"\n", /* a (5.3) */
    "a.ex A 192.0.2.1\n"
    "a.ex AAAA 2001:db8::1\n"
    "a.ex TXT \"v=spf1 a -all\"\n"
    "acidr.ex TXT \"v=spf1 a:net.ex/24 -all\"\n"
    "net.ex A 192.0.2.200\n"
    "net.ex AAAA 2001:db8::ffff\n"
    "a6cidr.ex TXT \"v=spf1 a:net.ex//64 -all\"\n"
    "aboth.ex TXT \"v=spf1 a:net.ex/24//64 -all\"\n"
    "abad.ex TXT \"v=spf1 a:net.ex/33 -all\"\n"
    "abad6.ex TXT \"v=spf1 a:net.ex//129 -all\"\n"
    "azero.ex TXT \"v=spf1 a:net.ex/0 -all\"\n"
    "aempty.ex TXT \"v=spf1 a: -all\"\n"
    "aslash.ex TXT \"v=spf1 a/ -all\"\n"
    "atop.ex TXT \"v=spf1 a:museum -all\"\n"
    "atopdot.ex TXT \"v=spf1 a:museum. -all\"\n"
    "anum.ex TXT \"v=spf1 a:111.222.33.44 -all\"\n"
    "anum2.ex TXT \"v=spf1 a:example.4a -all\"\n"
    "adash.ex TXT \"v=spf1 a:abc.e-x -all\"\n"
    "adash2.ex TXT \"v=spf1 a:abc.ex- -all\"\n"
    "acolon.ex TXT \"v=spf1 a:foo:bar.ex -all\"\n"
    "foo:bar.ex A 192.0.2.1\n"
    "adot.ex TXT \"v=spf1 a:a.ex. -all\"\n"
    "anull.ex TXT \"v=spf1 a:nothere.ex ip4:192.0.2.1 -all\"\n"
    "adown.ex TXT \"v=spf1 a:down.ex ip4:192.0.2.1 -all\"\n"
    /* mx (5.4) */
    "mx.ex MX 10 net.ex\n"
    "mx.ex MX 20 a.ex\n"
    "mx.ex TXT \"v=spf1 mx -all\"\n"
    "mxnull.ex MX 0 .\n"
    "mxnull.ex TXT \"v=spf1 mx ip4:192.0.2.1 -all\"\n"
    "mxnone.ex A 192.0.2.1\n"
    "mxnone.ex TXT \"v=spf1 mx -all\"\n"
    "mxcidr.ex TXT \"v=spf1 mx:mx.ex/32//128 -all\"\n"
    "mxmany.ex TXT \"v=spf1 mx -all\"\n"
    "mxmany.ex MX 1 m1.ex\nmxmany.ex MX 2 m2.ex\nmxmany.ex MX 3 m3.ex\n"
    "mxmany.ex MX 4 m4.ex\nmxmany.ex MX 5 m5.ex\nmxmany.ex MX 6 m6.ex\n"
    "mxmany.ex MX 7 m7.ex\nmxmany.ex MX 8 m8.ex\nmxmany.ex MX 9 m9.ex\n"
    "mxmany.ex MX 10 m10.ex\nmxmany.ex MX 11 a.ex\n"
    "mxbad.ex TXT \"v=spf1 mx:abc.123 -all\"\n"
    /* ptr (5.5) */
    "1.2.0.192.in-addr.arpa PTR mail.ptr.ex\n"
    "1.2.0.192.in-addr.arpa PTR liar.ex\n"
    "1.2.0.192.in-addr.arpa PTR e.ex\n"
    "mail.ptr.ex A 192.0.2.1\n"
    "liar.ex A 198.51.100.1\n"
    "e.ex A 192.0.2.1\n"
    "ptr.ex TXT \"v=spf1 ptr -all\"\n"
    "ptrliar.ex TXT \"v=spf1 ptr:liar.ex -all\"\n"
    "ptrother.ex TXT \"v=spf1 ptr:ptr.ex -all\"\n"
    "ptrempty.ex TXT \"v=spf1 ptr: -all\"\n"
    "ptrend.ex TXT \"v=spf1 ptr:tr.ex -all\"\n"
    "9.2.0.192.in-addr.arpa SERVFAIL\n"
    /* exists (5.7) */
    "exists.ex TXT \"v=spf1 exists:%{ir}.list.ex -all\"\n"
    "1.2.0.192.list.ex A 127.0.0.2\n"
    "existsnone.ex TXT \"v=spf1 exists -all\"\n"
    "exists6.ex TXT \"v=spf1 exists:only6.ex -all\"\n"
    "only6.ex AAAA 2001:db8::9\n"
    "existsmail.ex TXT \"v=spf1 exists:a.ex -all\"\n", /* include (5.2) */
    "incpass.ex TXT \"v=spf1 include:pass.ex -all\"\n"
    "incfail.ex TXT \"v=spf1 include:deny.ex ~all\"\n"
    "deny.ex TXT \"v=spf1 -all\"\n"
    "incsoft.ex TXT \"v=spf1 include:soft.ex -all\"\n"
    "soft.ex TXT \"v=spf1 ~all\"\n"
    "incneutral.ex TXT \"v=spf1 include:neutral.ex -all\"\n"
    "neutral.ex TXT \"v=spf1 ?all\"\n"
    "incnone.ex TXT \"v=spf1 include:nothere.ex +all\"\n"
    "incperm.ex TXT \"v=spf1 include:two.ex +all\"\n"
    "inctemp.ex TXT \"v=spf1 include:down.ex +all\"\n"
    "incempty.ex TXT \"v=spf1 include: -all\"\n"
    "inccidr.ex TXT \"v=spf1 include:pass.ex/24 -all\"\n"
    "incloop.ex TXT \"v=spf1 include:incloop.ex +all\"\n"
    "incneg.ex TXT \"v=spf1 -include:pass.ex +all\"\n"
    /* redirect, exp (6) */
    "red.ex TXT \"v=spf1 redirect=pass.ex\"\n"
    "rednone.ex TXT \"v=spf1 redirect=nothere.ex\"\n"
    "redloop.ex TXT \"v=spf1 redirect=redloop.ex\"\n"
    "redempty.ex TXT \"v=spf1 redirect=\"\n"
    "redafter.ex TXT \"v=spf1 ?all redirect=pass.ex\"\n"
    "redsyntax.ex TXT \"v=spf1 -all redirect=a:b/c\"\n"
    "redinc.ex TXT \"v=spf1 include:red.ex -all\"\n"
    "exp.ex TXT \"v=spf1 -all exp=why.exp.ex\"\n"
    "why.exp.ex TXT \"%{i} may not send for %{d}, %{r} says\"\n"
    "expbad.ex TXT \"v=spf1 -all exp=bad.exp.ex\"\n"
    "bad.exp.ex TXT \"%{q}\"\n"
    "exptwo.ex TXT \"v=spf1 -all exp=two.exp.ex\"\n"
    "two.exp.ex TXT one\ntwo.exp.ex TXT two\n"
    "expdown.ex TXT \"v=spf1 -all exp=down.ex\"\n"
    "expinc.ex TXT \"v=spf1 -include:exp2.ex -all\"\n"
    "exp2.ex TXT \"v=spf1 +all exp=why.exp.ex\"\n", /* limits (4.6.4) */
    "ten.ex TXT \"v=spf1 a:a1.ex a:a1.ex a:a1.ex a:a1.ex a:a1.ex a:a1.ex "
    "a:a1.ex a:a1.ex a:a1.ex a:a.ex -all\"\n"
    "eleven.ex TXT \"v=spf1 a:a1.ex a:a1.ex a:a1.ex a:a1.ex a:a1.ex a:a1.ex "
    "a:a1.ex a:a1.ex a:a1.ex a:a1.ex a:a.ex -all\"\n"
    "deep.ex TXT \"v=spf1 include:ten.ex -all\"\n"
    "a1.ex A 198.51.100.1\n"
    "early.ex TXT \"v=spf1 ip4:192.0.2.1 a:a1.ex a:a1.ex a:a1.ex a:a1.ex "
    "a:a1.ex a:a1.ex a:a1.ex a:a1.ex a:a1.ex a:a1.ex a:a1.ex -all\"\n"
    "voidtwo.ex TXT \"v=spf1 a:n1.ex exists:n2.ex ip4:192.0.2.1 -all\"\n"
    "voidthree.ex TXT \"v=spf1 a:n1.ex exists:n2.ex mx:n3.ex ip4:192.0.2.1 "
    "-all\"\n"
    /* macros (7) */
    "m1.ex TXT \"v=spf1 exists:%{l}.%{o}.%{d}.m.ex -all\"\n"
    "bob.m1.ex.m1.ex.m.ex A 127.0.0.2\n"
    "m2.ex TXT \"v=spf1 exists:%{l1r-}.m.ex -all\"\n"
    "mb.m.ex A 127.0.0.2\n"
    "m3.ex TXT \"v=spf1 exists:%{d2}.%{d1r}.m.ex -all\"\n"
    "m3.ex.sub.m.ex A 127.0.0.2\n"
    "sub.m3.ex TXT \"v=spf1 exists:%{d2}.%{d1r}.m.ex -all\"\n"
    "m4.ex TXT \"v=spf1 exists:%{S}.m.ex -all\"\n"
    "bob%40m4.ex.m.ex A 127.0.0.2\n"
    "m5.ex TXT \"v=spf1 exists:%{v}.%{h}.%%%-.m.ex -all\"\n"
    "in-addr.helo.ex.%%20.m.ex A 127.0.0.2\n"
    "m6.ex TXT \"v=spf1 exists:%{p}.m.ex -all\"\n"
    "mail.ptr.ex.m.ex A 127.0.0.2\n"
    "m7.ex TXT \"v=spf1 exists:%{d0}.m.ex -all\"\n"
    "m8.ex TXT \"v=spf1 exists:%(d).m.ex -all\"\n"
    "m9.ex TXT \"v=spf1 exists:%{c}.m.ex -all\"\n"
    "m10.ex TXT \"v=spf1 exists:foo%.m.ex -all\"\n"
    "m11.ex TXT \"v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all\"\n"
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6."
    "_spf.m11.ex A 127.0.0.2\n"
    "m12.ex TXT \"v=spf1 include:%{d}x.ex -all\"\n"
    "m12.exx.ex TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "m13.ex TXT \"v=spf1 exists:%{l}.m.ex -all\"\n"
    "postmaster.m.ex A 127.0.0.2\n"
    "m14.ex TXT \"v=spf1 redirect=%{d}.r.ex\"\n"
    "m14.ex.r.ex TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"};

struct spf_case {
	const char *domain;
	enum spf_result want;
	const char *ip, *sender, *helo; /* NULL: the usual ones */
};

static const struct spf_case cases[] = {
    {"empty.ex", SPF_NEUTRAL, NULL, NULL, NULL},
    {"pass.ex", SPF_PASS, NULL, NULL, NULL},
    {"pass.ex", SPF_FAIL, "192.0.2.2", NULL, NULL},
    {"pass.ex", SPF_FAIL, "2001:db8::1", NULL, NULL},
    {"PASS.ex.", SPF_PASS, NULL, NULL, NULL},
    {"upper.ex", SPF_PASS, NULL, NULL, NULL},
    {"tab.ex", SPF_NONE, NULL, NULL, NULL},
    {"v10.ex", SPF_NONE, NULL, NULL, NULL},
    {"v10both.ex", SPF_PASS, NULL, NULL, NULL},
    {"two.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"other.ex", SPF_PASS, NULL, NULL, NULL},
    {"split.ex", SPF_PASS, NULL, NULL, NULL},
    {"splitbad.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"type99.ex", SPF_NONE, NULL, NULL, NULL},
    {"down.ex", SPF_TEMPERROR, NULL, NULL, NULL},
    {"nothere.ex", SPF_NONE, NULL, NULL, NULL},
    {"blanks.ex", SPF_PASS, NULL, NULL, NULL},
    {"long.ex", SPF_NONE, NULL, NULL, NULL},
    {"alias.ex", SPF_PASS, NULL, NULL, NULL},
    {"utf.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"localhost", SPF_NONE, NULL, NULL, NULL},
    {"a..ex", SPF_NONE, NULL, NULL, NULL},
    {"", SPF_NONE, NULL, NULL, NULL},
    {"a123456789b123456789c123456789d123456789e123456789f123456789g1234.ex",
	SPF_NONE, NULL, NULL, NULL},

    {"unknownmech.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"unknownmod.ex", SPF_PASS, NULL, NULL, NULL},
    {"badmod.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"modname.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"order.ex", SPF_PASS, NULL, NULL, NULL},
    {"tworedirects.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"twoexp.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"dashes.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"allarg.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"allarg2.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"allcidr.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"alldouble.ex", SPF_PERMERROR, NULL, NULL, NULL},

    {"ip4cidr.ex", SPF_PASS, NULL, NULL, NULL},
    {"ip4cidr.ex", SPF_FAIL, "192.0.3.1", NULL, NULL},
    {"ip4zero.ex", SPF_PASS, NULL, NULL, NULL},
    {"ip4zero.ex", SPF_FAIL, "2001:db8::1", NULL, NULL},
    {"ip4wrong.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"ip4lead.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"ip4short.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"ip4port.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"ip4none.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"ip4empty.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"ip6.ex", SPF_PASS, "2001:db8:1::7", NULL, NULL},
    {"ip6.ex", SPF_FAIL, NULL, NULL, NULL},
    {"ip6bare.ex", SPF_PASS, "2001:db8::1", NULL, NULL},
    {"ip6bare.ex", SPF_FAIL, "2001:db8::2", NULL, NULL},
    {"ip6wrong.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"ip6bad.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"ip6v4.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"ip6zero.ex", SPF_PASS, "2001:db8::1", NULL, NULL},
    {"ip6zero.ex", SPF_FAIL, NULL, NULL, NULL},

    {"a.ex", SPF_PASS, NULL, NULL, NULL},
    {"a.ex", SPF_PASS, "2001:db8::1", NULL, NULL},
    {"a.ex", SPF_FAIL, "192.0.2.2", NULL, NULL},
    {"acidr.ex", SPF_PASS, NULL, NULL, NULL},
    {"acidr.ex", SPF_FAIL, "2001:db8::1", NULL, NULL},
    {"a6cidr.ex", SPF_PASS, "2001:db8::1", NULL, NULL},
    {"a6cidr.ex", SPF_FAIL, NULL, NULL, NULL},
    {"aboth.ex", SPF_PASS, "2001:db8::1", NULL, NULL},
    {"aboth.ex", SPF_PASS, NULL, NULL, NULL},
    {"abad.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"abad6.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"azero.ex", SPF_PASS, "203.0.113.7", NULL, NULL},
    {"aempty.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"aslash.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"atop.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"atopdot.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"anum.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"anum2.ex", SPF_FAIL, NULL, NULL, NULL},
    {"adash.ex", SPF_FAIL, NULL, NULL, NULL},
    {"adash2.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"acolon.ex", SPF_PASS, NULL, NULL, NULL},
    {"adot.ex", SPF_PASS, NULL, NULL, NULL},
    {"anull.ex", SPF_PASS, NULL, NULL, NULL},
    {"adown.ex", SPF_TEMPERROR, NULL, NULL, NULL},

    {"mx.ex", SPF_PASS, NULL, NULL, NULL},
    {"mx.ex", SPF_FAIL, "192.0.2.2", NULL, NULL},
    {"mxnull.ex", SPF_PASS, NULL, NULL, NULL},
    {"mxnone.ex", SPF_FAIL, NULL, NULL, NULL},
    {"mxcidr.ex", SPF_PASS, NULL, NULL, NULL},
    {"mxmany.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"mxbad.ex", SPF_PERMERROR, NULL, NULL, NULL},

    {"ptr.ex", SPF_PASS, NULL, NULL, NULL},
    {"ptr.ex", SPF_FAIL, "192.0.2.9", NULL, NULL},
    {"ptr.ex", SPF_FAIL, "192.0.2.8", NULL, NULL},
    {"ptrliar.ex", SPF_FAIL, NULL, NULL, NULL},
    {"ptrother.ex", SPF_PASS, NULL, NULL, NULL},
    {"ptrempty.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"ptrend.ex", SPF_FAIL, NULL, NULL, NULL},

    {"exists.ex", SPF_PASS, NULL, NULL, NULL},
    {"exists.ex", SPF_FAIL, "192.0.2.2", NULL, NULL},
    {"existsnone.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"exists6.ex", SPF_FAIL, "2001:db8::9", NULL, NULL},
    {"existsmail.ex", SPF_PASS, "2001:db8::77", NULL, NULL},

    {"incpass.ex", SPF_PASS, NULL, NULL, NULL},
    {"incfail.ex", SPF_SOFTFAIL, NULL, NULL, NULL},
    {"incsoft.ex", SPF_FAIL, NULL, NULL, NULL},
    {"incneutral.ex", SPF_FAIL, NULL, NULL, NULL},
    {"incnone.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"incperm.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"inctemp.ex", SPF_TEMPERROR, NULL, NULL, NULL},
    {"incempty.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"inccidr.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"incloop.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"incneg.ex", SPF_FAIL, NULL, NULL, NULL},

    {"red.ex", SPF_PASS, NULL, NULL, NULL},
    {"red.ex", SPF_FAIL, "192.0.2.2", NULL, NULL},
    {"rednone.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"redloop.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"redempty.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"redafter.ex", SPF_NEUTRAL, NULL, NULL, NULL},
    {"redsyntax.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"redinc.ex", SPF_PASS, NULL, NULL, NULL},
    {"expbad.ex", SPF_FAIL, NULL, NULL, NULL},
    {"exptwo.ex", SPF_FAIL, NULL, NULL, NULL},
    {"expdown.ex", SPF_FAIL, NULL, NULL, NULL},

    {"ten.ex", SPF_PASS, NULL, NULL, NULL},
    {"eleven.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"deep.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"early.ex", SPF_PASS, NULL, NULL, NULL},
    {"voidtwo.ex", SPF_PASS, NULL, NULL, NULL},
    {"voidthree.ex", SPF_PERMERROR, NULL, NULL, NULL},

    {"m1.ex", SPF_PASS, NULL, NULL, NULL},
    {"m2.ex", SPF_PASS, NULL, "mb-x@m2.ex", NULL},
    {"sub.m3.ex", SPF_PASS, NULL, NULL, NULL},
    {"m4.ex", SPF_PASS, NULL, NULL, NULL},
    {"m5.ex", SPF_PASS, NULL, NULL, NULL},
    {"m6.ex", SPF_PASS, NULL, NULL, NULL},
    {"m7.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"m8.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"m9.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"m10.ex", SPF_PERMERROR, NULL, NULL, NULL},
    {"m11.ex", SPF_PASS, "2001:db8::1", NULL, NULL},
    {"m12.ex", SPF_PASS, NULL, NULL, NULL},
    {"m13.ex", SPF_PASS, NULL, "@m13.ex", NULL},
    {"m13.ex", SPF_PASS, NULL, "m13.ex", NULL},
    {"m14.ex", SPF_PASS, NULL, NULL, NULL},
};

static struct test_dns_zone *served;

static void
evaluate(const struct spf_case *c, struct spf_verdict *v)
{
	struct answers *a = answers_new();
	char sender[300];
	struct text t;
	struct spf_query q = {.helo = str_from(c->helo ? c->helo : "helo.ex")};

	text_init(&t, sender, sizeof(sender));
	text_printf(&t, "bob@%s", c->domain);
	q.sender = c->sender ? str_from(c->sender) : text_view(&t);
	CHECK(ip_parse(str_from(c->ip ? c->ip : "192.0.2.1"), &q.ip));
	do {
		spf_check(a, &q, str_from(c->domain), v);
		CHECK((v->result == SPF_WAITING) == (answers_open(a) > 0));
	} while (test_answers_fill(a, served));
	answers_free(&a);
}

static void
serve(const char *text)
{
	struct error err;

	served = test_dns_zone_read(str_from(text), &err);
	if (!served)
		fatal("%s", err.text);
}

static void
serve_all(void)
{
	static char buf[16384];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	for (size_t i = 0; i < sizeof(zone) / sizeof(*zone); i++)
		text_add(&t, zone[i]);
	serve(buf);
}

static void
the_rfc(void)
{
	serve_all();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct spf_verdict v;

		evaluate(&cases[i], &v);
		if (v.result != cases[i].want)
			test_fail(__FILE__, __LINE__, "%s from %s: %s, %s",
			    cases[i].domain,
			    cases[i].ip ? cases[i].ip : "192.0.2.1",
			    spf_result_word(v.result), v.why);
		CHECK((*v.why != '\0') ==
		      (v.result == SPF_NONE || v.result == SPF_TEMPERROR ||
			  v.result == SPF_PERMERROR));
	}
	test_dns_zone_free(&served);
}

static void
explanations(void)
{
	static const struct spf_case exp = {
	    "exp.ex", SPF_FAIL, NULL, NULL, NULL};
	static const struct spf_case included = {
	    "expinc.ex", SPF_FAIL, NULL, NULL, NULL};
	struct spf_verdict v;

	serve_all();
	evaluate(&exp, &v);
	CHECK_STR(str_from(v.explanation),
	    STR("192.0.2.1 may not send for exp.ex, unknown says"));
	CHECK_STR(str_from(v.where), STR("exp.ex"));
	CHECK_STR(str_from(v.term), STR("-all"));
	/* That of an included record isn't the domain's. */
	evaluate(&included, &v);
	CHECK_INT(v.result, SPF_FAIL);
	CHECK_STR(str_from(v.explanation), STR(""));
	test_dns_zone_free(&served);
}

/* What is wrong is said, and where. */
static void
reasons(void)
{
	static const struct {
		const char *domain, *why;
	} all[] = {
	    {"two.ex", "two.ex has 2 SPF records, only one may be"},
	    {"unknownmech.ex",
		"in the record of unknownmech.ex, at \"foo:bar\": there is no "
		"such mechanism"},
	    {"incnone.ex", "include: nothere.ex has no SPF record"},
	    {"down.ex",
		"the DNS could not be asked for down.ex: the server failed "
		"(SERVFAIL)"},
	};
	struct spf_verdict v;

	serve_all();
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct spf_case c = {all[i].domain, SPF_NONE, NULL, NULL, NULL};

		evaluate(&c, &v);
		CHECK_STR(str_from(v.why), str_from(all[i].why));
	}
	test_dns_zone_free(&served);
}

/* A name that macros make too long loses labels in front. */
static void
long_names(void)
{
	struct spf_case c = {"l.ex", SPF_PASS, NULL, NULL, NULL};
	struct spf_verdict v;
	char sender[300];
	struct text t;

	text_init(&t, sender, sizeof(sender));
	for (int i = 0; i < 60; i++)
		text_add(&t, "abc.");
	text_add(&t, "yz@l.ex");
	c.sender = sender;
	serve("l.ex TXT \"v=spf1 exists:%{l}.0123456789.ex -all\"\n"
	      "*.abc.abc.yz.0123456789.ex A 127.0.0.2\n");
	evaluate(&c, &v);
	CHECK_INT(v.result, SPF_PASS);
	test_dns_zone_free(&served);
}

TESTS(TEST(the_rfc), TEST(explanations), TEST(reasons), TEST(long_names))
