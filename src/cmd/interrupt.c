#include "cmd/interrupt.h"

#include <signal.h>

static volatile sig_atomic_t catches, interrupts;

void interrupt_catch(gboolean catching)
{
	catches = catching;
}

gboolean interrupted(void)
{
	return interrupts > 0;
}

gboolean interrupt_ends(const char **words)
{
	*words = catches ? "interrupted at the end of its work: run it again to be sure"
			 : "interrupted: nothing was changed";
	return interrupts++ > 0 || !catches;
}
