# shellcheck shell=bash
# The image: one Debian tree, built once, that all hosts of all labs are overlays of.

# What goes into the image decides its name, so a changed list is a new image.
image_path() {
	local stack=$LAB_ROOT/stacks/$1 key
	key=$(cat "$stack/packages" "$stack/image-setup.sh" "$LAB_ROOT/lib/image.sh" | sha256sum)
	echo "$LAB_CACHE/$1-${key:0:16}"
}

# image_build STACK: makes the image unless it is there. The lock is for two
# `up`s at once: the second waits and then finds the work done.
image_build() {
	local stack=$1 image lock
	image=$(image_path "$stack")
	[[ -d $image ]] && return
	mkdir -p "$LAB_CACHE"
	chmod 0700 "$LAB_CACHE"
	exec {lock}>"$LAB_CACHE/.lock"
	flock -n "$lock" || { progress "another lab is building the image, waiting for it" && flock "$lock"; }
	if [[ ! -d $image ]]; then
		# Whoever was killed while building left this; under the lock nobody else builds.
		rm -rf --one-file-system "$LAB_CACHE"/building.*
		progress "building the image, once (a minute or two)"
		image_bootstrap "$stack" "$image"
	fi
	exec {lock}>&-
}

# IMAGE_BUILDING is for the clean-up of an `up` that is interrupted here.
image_bootstrap() {
	local stack=$1 image=$2 building setup packages
	IMAGE_BUILDING=$(mktemp -d "$LAB_CACHE/building.XXXXXX")
	building=$IMAGE_BUILDING
	setup=$(printf %q "$LAB_ROOT/stacks/$stack/image-setup.sh")
	packages=$(sed 's/#.*//' "$LAB_ROOT/stacks/$stack/packages" | xargs | tr ' ' ,)
	# shellcheck disable=SC2016 # $1 is for the hook's own shell: the image's root
	if ! mmdebstrap --mode=root --variant=important --include="$packages" \
		--customize-hook='chroot "$1" bash -s <'"$setup" \
		bookworm "$building/root" >"$LAB_CACHE/build.log" 2>&1; then
		tail -n 20 "$LAB_CACHE/build.log" >&2
		die "the image could not be built; the whole story is in $LAB_CACHE/build.log"
	fi
	# In one step, and only when complete: a half-built image never has the name.
	mv "$building/root" "$image"
	rmdir "$building"
}
