/*
 * leave_out: ends a test that this machine cannot run, and says why. cmocka's skip() prints
 * "not ok … # SKIP", which prove takes for a failure.
 */
#ifndef TLSPOL_TESTS_LEAVE_OUT_H
#define TLSPOL_TESTS_LEAVE_OUT_H

#define leave_out(why)                                                                             \
	do {                                                                                       \
		print_message("# left out: " why "\n");                                            \
		return;                                                                            \
	} while (0)

#endif
