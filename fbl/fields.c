/* fields - filling the fields of a report */
#include "fbl/fields.h"

const struct fbl_field_rule fbl_field_rules[FBL_FIELDS] = {
#define FIELD(id, name, field, how, many) {name, field, FBL_##how, FBL_##many},
#include "fbl/report.def"
};

static struct str
in_form(struct str value, const struct fbl_field_rule *rule)
{
	struct ip ip;
	size_t n = 0;

	value = str_trim(value);
	if (rule->how == FBL_IP && !fields_ip(value, &ip))
		return STR("");
	if (rule->how == FBL_ADDRESS)
		return header_address(value);
	if (rule->how == FBL_TEXT)
		return value;
	while (n < value.n && value.p[n] != ' ' && value.p[n] != '\t')
		n++;
	return str_head(value, n);
}

static bool
has(const struct fbl_list *l, struct str value)
{
	for (size_t i = 0; i < l->n; i++) {
		if (str_is(l->v[i], value))
			return true;
	}
	return false;
}

void
fields_add(struct fbl_fields *f, struct arena *a, enum fbl_field field,
    struct str value)
{
	const struct fbl_field_rule *rule = &fbl_field_rules[field];
	struct fbl_list *l = &f->v[field];
	struct str formed = in_form(value, rule);

	/* "<>" is the null sender; any other empty value says nothing. */
	if (formed.n == 0 && !(rule->how == FBL_ADDRESS && value.n > 0))
		return;
	if ((rule->many == FBL_ONE && l->n > 0) || l->n == FBL_LIST ||
	    has(l, formed))
		return;
	/* Rooms for 1, 4, 16 ... values. */
	if (l->n == 0 || l->n == 1 || l->n == 4 || l->n == 16 || l->n == 64) {
		struct str *v = arena_alloc(a, (l->n * 4 + 1) * sizeof(*v));

		if (l->n > 0)
			memcpy(v, l->v, l->n * sizeof(*v));
		l->v = v;
	}
	l->v[l->n++] = formed;
}

static bool
is_named(const struct fbl_field_rule *rule, struct str name)
{
	struct str rest = str_from(rule->part), one;

	while (str_cut(&rest, ',', &one)) {
		if (str_is_nocase(name, one))
			return true;
	}
	return rest.n > 0 && str_is_nocase(name, rest);
}

void
fields_take(struct fbl_fields *f, struct arena *a, const struct headers *part)
{
	for (size_t i = 0; i < part->n; i++) {
		for (int field = 0; field < FBL_FIELDS; field++) {
			if (!is_named(&fbl_field_rules[field], part->v[i].name))
				continue;
			fields_add(
			    f, a, (enum fbl_field)field, part->v[i].value);
			break;
		}
	}
}

bool
fields_known(struct str name)
{
	for (int field = 0; field < FBL_FIELDS; field++) {
		if (is_named(&fbl_field_rules[field], name))
			return true;
	}
	return false;
}

bool
fields_ip(struct str value, struct ip *out)
{
	struct str word = value, head;
	struct ip ip;

	if (str_cut(&word, ' ', &head))
		word = head;
	else
		word = value;
	if (!ip_parse(str_trim(word), &ip) || ip_is_none(&ip))
		return false;
	*out = ip;
	return true;
}
