/* CSV and TSV. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_read(data, size, POLICIES_CSV);
	return 0;
}
