/* An image tower: pixels in, one row of embed_dim numbers for each image out.  One file each, and one line in
 * image_towers.def. */
#ifndef CLIP_IMAGE_TOWER_H
#define CLIP_IMAGE_TOWER_H

#include "clip/config.h"
#include "clip/parameters.h"

struct image_tower {
	const char *name; /* as in image_towers.def */
	bool (*is_meant)(const struct value *vision_cfg);
	const struct config_field *fields; /* of struct vision_config */
	int (*check)(const struct vision_config *config, struct err *err);

	/* The tower's own struct, in the set's arena, its tensors declared.  NULL: no memory. */
	void *(*declare)(const struct clip_config *config, struct parameters *set);

	/* pixels [n, size, size, 3], normalised -> [n, embed_dim] */
	struct tensor *(*forward)(struct tape *tape, void *tower, struct tensor *pixels);
};

#define IMAGE_TOWER(name) extern const struct image_tower image_tower_##name;
#include "clip/image_towers.def"
#undef IMAGE_TOWER

/* The one that a vision_cfg asks for, or NULL. */
const struct image_tower *image_tower_for(const struct value *vision_cfg);

/* The names of all, with commas. */
const char *image_tower_names(void);

#endif
