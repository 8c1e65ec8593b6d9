/* pipeline_note - what is remembered of a subject from fact to fact
 *
 * Only pipeline*.c include this.
 */
#ifndef DAEMON_PIPELINE_NOTE_H
#define DAEMON_PIPELINE_NOTE_H

#include "daemon/pipeline_state.h"

/* What is asked of a subject at every fact and seldom changes, in the ledger's
 * note: its class, whether it has a standing, the generation in which that was
 * found out; and its rest (struct judge_rest): so much more may be counted for
 * it before anybody need look at it again, at any time or, with NOTE_BRIEF,
 * before that minute is over. Of minutes and generations there are as many as
 * nothing is silent for: minutes for five weeks and the longest rest. */
enum {
	NOTE_CLASS = 0xff,
	NOTE_STANDING = 0x100,
	NOTE_BRIEF = 0x200,
	NOTE_OFTEN = 10,
	NOTE_STRANGERS = 19,
	NOTE_SELDOM = 28,
	NOTE_MINUTE = 32,
	NOTE_GENERATION = 48,
	OFTEN_MAX = (1 << (NOTE_STRANGERS - NOTE_OFTEN)) - 1,
	STRANGERS_MAX = (1 << (NOTE_SELDOM - NOTE_STRANGERS)) - 1,
	SELDOM_MAX = (1 << (NOTE_MINUTE - NOTE_SELDOM)) - 1,
	REST_DAYS = 7,
	MINUTES = (1 << (NOTE_GENERATION - NOTE_MINUTE)) - 1,
	GENERATIONS = (1 << (64 - NOTE_GENERATION)) - 1,
};

/* Its note, made when there is none of this generation. */
uint64_t pipeline_note_anew(struct pipeline *p, struct subject *s);
static inline uint64_t
pipeline_note(struct pipeline *p, struct subject *s)
{
	uint64_t note = subject_note(s);

	return note >> NOTE_GENERATION == p->generation
		   ? note
		   : pipeline_note_anew(p, s);
}
const struct rules_plan *pipeline_note_plan(
    const struct limits_rules *rules, const struct subject *s, uint64_t note);
/* Takes n of its rest, of what these counts are, all of which are read; false:
 * there isn't so much left. */
bool pipeline_take_rest(const struct pipeline *p, struct subject *s,
    uint64_t note, uint64_t raised, uint64_t n);
/* Until it is judged; of `until` only TIME_NEVER. */
void pipeline_give_rest(
    struct subject *s, uint64_t note, const struct judge_rest *r);
/* None any more. */
void pipeline_end_rest(struct subject *s, uint64_t note);
/* It was judged, which changed nothing: nor will it as long as the verdict
 * says, at most in this minute when anybody asks for more than verdicts. What
 * is in force is so until then. */
void pipeline_give_brief_rest(struct pipeline *p, struct subject *s,
    const struct verdict *v, enum standing in_force, int64_t until);
/* Has this plan anything to say of what these counts rose to? */
bool pipeline_may_speak(const struct rules_plan *plan,
    const struct judge_input *in, uint64_t note, uint64_t raised);

/* pipeline_known.c: where nobody asks but for verdicts. What the standings say
 * of a subject, until that changes. */
enum { PIPELINE_KNOWN = 8192 }; /* a power of two */
struct pipeline_known {
	const struct subject *subject; /* NULL: none */
	uint64_t generation, mode;
	int64_t same_until;
	int64_t passed;
	enum standing in_force;
	bool is_calm, is_shared;
	size_t guard; /* see judge_is_near */
};
/* Whoever is known is so no more. */
void pipeline_forget_known(struct pipeline *p, const struct subject *s);
/* Judging it would change nothing; what may be skipped because of that is
 * noted. false: perhaps it would. */
bool pipeline_is_no_news(
    struct pipeline *p, struct subject *s, uint64_t note, uint64_t raised);

#endif
