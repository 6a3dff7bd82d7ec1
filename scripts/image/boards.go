package main

// board is what differs between machines.
type board struct {
	kernel  string // Debian's package that names the kernel's
	console string // the kernel's consoles; the last is the one that speaks
	loader  string // systemd-boot, in its package
	efi     string // the name by which UEFI finds it
}

var boards = map[string]board{
	"arm64": {"linux-image-arm64", "console=tty0 console=ttyAMA0", "systemd-bootaa64.efi", "BOOTAA64.EFI"},
	"amd64": {"linux-image-amd64", "console=tty0 console=ttyS0", "systemd-bootx64.efi", "BOOTX64.EFI"},
}

// packages are what an image takes from Debian, besides the kernel.
var packages = []string{
	"systemd-boot-efi", "ca-certificates",
	"ppp", "libc6", "libpam0g", "libpcap0.8", "libssl3", "libsystemd0", "libcrypt1", "libaudit1", "libcap-ng0", "libcap2", "libdbus-1-3",
	"libgcrypt20", "libgpg-error0", "liblz4-1", "liblzma5", "libzstd1",
	"dosfstools", "e2fsprogs", "libext2fs2", "libcom-err2", "libblkid1", "libuuid1",
	"dropbear-bin", "busybox", "libtomcrypt1", "libtommath1", "libgmp10", "zlib1g",
}

// programs are the programs taken from them; what they link comes along.
var programs = []string{"usr/sbin/pppd", "usr/sbin/chat", "sbin/mke2fs", "sbin/e2fsck", "sbin/fsck.fat",
	"usr/sbin/dropbear", "usr/bin/dropbearkey", "bin/busybox", // of use only where somebody brought a key: board/init/ssh.go
}

// modules are the kernel's modules in the image, with those they need. They are
// loaded when a device asks for them. What a kernel has built in, or not at
// all, is passed over: boards differ.
var modules = []string{
	// Disks: those of virtual machines, SD cards, SATA, NVMe and USB.
	"virtio_pci", "virtio_mmio", "virtio_blk", "virtio_scsi",
	"sdhci-pci", "sdhci-acpi", "sdhci-iproc", "bcm2835", "dw_mmc-rockchip", "sdhci-of-arasan", "mmc_block",
	"ahci", "nvme", "sd_mod",
	// USB hosts, and sticks.
	"xhci-pci", "xhci-plat-hcd", "ehci-pci", "ehci-platform", "ohci-pci", "dwc2", "dwc3", "usb-storage", "uas",
	// File systems.
	"crc32c_generic", "nls_ascii", "nls_cp437", "vfat", "exfat", "ext4",
	// Wired networks.
	"virtio_net", "e1000e", "igb", "igc", "r8169", "genet", "bcmgenet", "mvneta", "stmmac-platform", "dwmac-rk", "macb",
	"smsc95xx", "lan78xx", "r8152", "ax88179_178a",
	// Modems: their ttys, and their network devices.
	"usbserial", "usb_wwan", "option", "qcserial", "sierra", "cdc-acm", "ftdi_sio", "cp210x", "ch341", "pl2303",
	"cdc_ether", "cdc_ncm", "huawei_cdc_ncm", "rndis_host", "qmi_wwan", "cdc_mbim",
	"ppp_generic", "ppp_async", "ppp_deflate", "bsd_comp",
	// What holds the box: watchdogs, pins, clocks, power buttons.
	"i6300esb", "iTCO_wdt", "sp5100_tco", "sbsa_gwdt", "bcm2835_wdt", "dw_wdt",
	"gpio-pca953x", "gpio-mockup", "gpio-sim", "rtc-ds1307", "rtc-pcf8563", "rtc-efi",
	"evdev", "button", "gpio_keys", "efivarfs", "softdog",
	// Routing by mark and table is built in; packet filters are not.
	"nf_tables", "nft_ct", "nft_objref",
}

// always are modules that no device asks for. The kernel would ask modprobe for
// some of them, and the image has none: PPP, and what guards a backhaul.
var always = []string{"crc32c_generic", "nls_ascii", "nls_cp437", "vfat", "exfat", "ext4", "ppp_async", "ppp_deflate", "nf_tables", "nft_ct", "nft_objref", "evdev", "button"}
