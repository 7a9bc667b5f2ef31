# Packages. Included by the Makefile.
#   make dist       build/dist/eqmgr-VERSION.tar.xz and its SHA256; one commit always gives the same bytes.
#                   Sign it with  gpg --armor --detach-sign
#   make deb        build/deb/*.deb: eqmgr and eqmgrctl, by dpkg-buildpackage from conf/packaging/debian
#   make deb-test   plays conf/packaging/debian/tests in a Debian of its own, made below build/deb;
#                   SUITE=trixie and MIRROR=URL choose another. Needs root and debootstrap
#   make rpm-spec   build/rpm/eqmgr.spec with this version in it

DIST    := $(ROOT)/dist
DEB     := $(ROOT)/deb
PACKING := conf/packaging
SOURCE  := eqmgr-$(VERSION)
SUITE   ?= bookworm
MIRROR  ?=

# The tree as git knows it, or, without git (or if git refuses the tree of another user), as it came in such an archive.
PACK = $(if $(and $(wildcard .git),$(shell git rev-parse HEAD 2>/dev/null)),\
  git archive --format=tar --prefix=$(SOURCE)/ HEAD,\
  tar -c --sort=name --owner=0 --group=0 --numeric-owner --exclude=./$(ROOT) --exclude=./.git --transform='s,^\.,$(SOURCE),' .)

dist:
	@mkdir -p $(DIST)
	$(PACK) >$(DIST)/$(SOURCE).tar
	xz -9f $(DIST)/$(SOURCE).tar
	cd $(DIST) && sha256sum $(SOURCE).tar.xz >$(SOURCE).tar.xz.sha256
	@echo '$(DIST)/$(SOURCE).tar.xz'

# dpkg-buildpackage wants debian/ at the top of a tree that it may change.
deb: dist
	@for tool in dpkg-buildpackage dh; do command -v $$tool >/dev/null || \
	  { echo 'deb: please run: apt-get install dpkg-dev debhelper' >&2; exit 1; }; done
	rm -rf $(DEB)/$(SOURCE) && mkdir -p $(DEB)
	rm -f $(DEB)/eqmgr*_$(VERSION)*
	cp $(DIST)/$(SOURCE).tar.xz $(DEB)/eqmgr_$(VERSION).orig.tar.xz
	tar -xJf $(DIST)/$(SOURCE).tar.xz -C $(DEB)
	cp -R $(PACKING)/debian $(DEB)/$(SOURCE)/debian
	grep -q '^eqmgr ($(VERSION)-' $(DEB)/$(SOURCE)/debian/changelog || \
	  { echo 'deb: $(PACKING)/debian/changelog does not begin with version $(VERSION)' >&2; exit 1; }
	cd $(DEB)/$(SOURCE) && MAKEFLAGS= MAKEOVERRIDES= dpkg-buildpackage -us -uc $(DEB_OPTIONS)
	@ls $(DEB)/*.deb

deb-test:
	SUITE='$(SUITE)' MIRROR='$(MIRROR)' $(PACKING)/in-a-new-debian $(DEB)

rpm-spec:
	@mkdir -p $(ROOT)/rpm
	sed 's/@VERSION@/$(VERSION)/' $(PACKING)/eqmgr.spec.in >$(ROOT)/rpm/eqmgr.spec
	@if command -v rpmspec >/dev/null; then rpmspec -P $(ROOT)/rpm/eqmgr.spec >/dev/null; \
	else echo 'rpm-spec: not checked, there is no rpmspec' >&2; fi
	@echo '$(ROOT)/rpm/eqmgr.spec'

.PHONY: dist deb deb-test rpm-spec
