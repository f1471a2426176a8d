# shellcheck shell=bash
# A host's disks: an overlay over the shared image, and for a database host a filesystem
# image of its own for PGDATA, so that a full or a frozen disk is real and harmless.

disk_create() {
	local host=$1 image=$2 dir size=${LAB_DISK_SIZE:-1G}
	dir=$(host_dir "$host")
	mkdir -p "$dir"/{upper,work,root}
	mount -t overlay "pgml-$LAB_NAME-$host" \
		-o "lowerdir=$image,upperdir=$dir/upper,workdir=$dir/work" "$dir/root"
	[[ $(host_role "$host") == db ]] || return 0
	mkdir -p "$dir/disk"
	truncate -s "$size" "$dir/disk.img"
	mkfs.ext4 -q -E "root_owner=$(id_in "$image" postgres)" "$dir/disk.img"
	# The loop device frees itself with the unmount.
	mount -o loop "$dir/disk.img" "$dir/disk"
}

# All mounts at or below a path, the deepest first.
disk_mounts() { findmnt -rn -o TARGET | awk -v dir="$1/" 'index($0, dir) == 1' | sort -r; }

disk_unmount() {
	local target
	for target in $(disk_mounts "$1"); do
		# A frozen filesystem (fsfreeze) would keep its unmount waiting for ever.
		fsfreeze -u "$target" 2>/dev/null
		wait_until 5 umount "$target" 2>/dev/null || umount -l "$target"
	done
}

# Loop devices whose image is in the lab, should an unmount not have freed them.
disk_detach() {
	local device file
	while read -r device file; do
		[[ $file == "$1"/* ]] && losetup -d "$device"
	done < <(losetup -ln -O NAME,BACK-FILE)
	return 0
}
