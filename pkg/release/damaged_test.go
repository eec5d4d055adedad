package release_test

import (
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// relabel changes the labels of a record of web, and nothing else.
func (b *bed) relabel(revision int, change func(labels map[string]string)) {
	b.Helper()
	rel, err := b.store.Get(b.Context(), webKey(), revision)
	if err != nil {
		b.Fatal(err)
	}
	labels := release.RecordLabels(rel)
	change(labels)
	b.store.Put(webKey(), revision, labels, b.store.Payload(webKey(), revision))
}

// TestLabelsThatLie: what the payload says of being deployed counts where no label
// says it.
func TestLabelsThatLie(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(map[string]string){
		"another status": func(l map[string]string) { l["status"] = "failed" },
		"no status":      func(l map[string]string) { delete(l, "status") },
	} {
		b := newBed(t, bedConfig{})
		b.deploy(configMaps(t, "a", "b"))
		b.relabel(1, change)
		b.deploy(configMaps(t, "a"))
		if _, err := b.cluster.Get(t.Context(), cmRef("b")); err == nil {
			t.Errorf("%s: the upgrade did not start from revision 1", name)
		}
	}
}

// TestRollbackOverDamaged: without a revision, those are passed over that cannot be
// read; one that is named is not.
func TestRollbackOverDamaged(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	for _, value := range []string{"a=1", "a=2", "a=3", "a=4"} {
		b.deploy(configMaps(t, value))
	}
	damage(b.store, webKey(), 3, release.StatusSuperseded)
	if _, err := b.rollback(t.Context(), release.RollbackRequest{Revision: 3}, release.ApplyOptions{}); err == nil || !strings.Contains(err.Error(), "record of revision 3 of release prod/web cannot be read") {
		t.Errorf("back to what is damaged: %v", err)
	}
	if _, err := b.rollback(t.Context(), release.RollbackRequest{}, release.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if log := b.log.String(); !strings.Contains(log, "record of revision 3 of release prod/web cannot be read") {
		t.Errorf("logged: %s", log)
	}
	b.wantRecords(
		"1 superseded: Install complete", "2 superseded: Upgrade complete", "damaged superseded",
		"4 superseded: Upgrade complete", "5 deployed: Rollback to 2",
	)
	damage(b.store, webKey(), 1, release.StatusSuperseded)
	damage(b.store, webKey(), 2, release.StatusSuperseded)
	damage(b.store, webKey(), 4, release.StatusSuperseded)
	if _, err := b.rollback(t.Context(), release.RollbackRequest{}, release.ApplyOptions{}); err == nil || !strings.Contains(err.Error(), "release has no 0 version") {
		t.Errorf("all are damaged: %v", err)
	}
}

// TestUnreadableManifest: nothing is done where it is not known which objects there
// are.
func TestUnreadableManifest(t *testing.T) {
	t.Parallel()
	b := newBed(t, bedConfig{})
	rel := b.deploy(configMaps(t, "a"))
	rel.Manifest = "---\n: : [\n"
	if err := b.store.Update(t.Context(), rel); err != nil {
		t.Fatal(err)
	}
	err := b.uninstall(t.Context(), release.UninstallRequest{}, release.ApplyOptions{})
	if err == nil || !strings.Contains(err.Error(), "the manifest that is recorded of release web cannot be read") {
		t.Errorf("uninstall: %v", err)
	}
	b.wantRecords("1 deployed: Install complete")
}
