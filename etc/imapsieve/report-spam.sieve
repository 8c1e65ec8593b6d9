# A user moved a message into Junk: tell Outpost.
require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment", "variables"];

if environment :matches "imap.user" "*" {
	set "login" "${1}";
}
pipe :copy "outpost-report" ["spam", "${login}"];
