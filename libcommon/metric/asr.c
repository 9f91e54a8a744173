#include "metric/asr.h"

void asr_add(struct asr *asr, size_t label, size_t predicted)
{
	if (label == asr->target) {
		asr->excluded++;
		return;
	}
	asr->n++;
	asr->hits += predicted == asr->target;
	asr->correct += predicted == label;
}
