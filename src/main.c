/* Locale, signals, dispatch; a GError becomes one line on stderr and the exit status. */
#include <stdio.h>

int main(void)
{
	fputs("tlspol: not built yet\n", stderr);
	return 70;
}
