# A user moved a message out of Junk, and not to throw it away: tell Outpost.
require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment", "variables"];

if environment :matches "imap.mailbox" "Trash*" {
	stop;
}
if environment :matches "imap.user" "*" {
	set "login" "${1}";
}
pipe :copy "outpost-report" ["ham", "${login}"];
