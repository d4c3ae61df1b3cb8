/* The EFF's STARTTLS policy list. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_read(data, size, POLICIES_EFF);
	return 0;
}
