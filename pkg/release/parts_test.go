package release_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// noise returns size bytes that do not compress, the same for the same seed.
func noise(seed byte, size int) []byte {
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(data)
	return data
}

// bulky is a record whose manifest takes about size bytes when compressed.
func bulky(size int) *release.Release {
	rel := releasetest.NewRelease(webKey(), 3, release.StatusPendingInstall)
	rel.Manifest = "---\ndata: " + hex.EncodeToString(noise(1, size)) + "\n"
	return rel
}

func mustPack(t *testing.T, rel *release.Release, limit int, there *release.Parts) *release.Packed {
	t.Helper()
	p, err := release.Pack(rel, limit, there)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func headOf(rel *release.Release) release.Head {
	return release.Head{Key: rel.Key(), Revision: rel.Version}
}

func TestPackDropsAsLittleAsItCan(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	large := 100 << 10
	for _, tt := range []struct {
		name                         string
		change                       func(*release.Release)
		templates, schema, one, full bool
	}{
		{"small", func(*release.Release) {}, true, true, true, true},
		{"large files", func(r *release.Release) { r.Chart.Files[0].Data = noise(1, large) }, false, true, true, false},
		{"large templates", func(r *release.Release) { r.Chart.Templates[0].Data = noise(1, large) }, false, true, true, false},
		{"a large schema", func(r *release.Release) { r.Chart.Schema = noise(1, large) }, false, false, true, false},
		{"a large manifest", func(r *release.Release) { r.Manifest = hex.EncodeToString(noise(1, large)) }, false, true, false, false},
		{"large values", func(r *release.Release) { r.Config["x"] = hex.EncodeToString(noise(1, large)) }, false, true, false, false},
		{"large notes", func(r *release.Release) { r.Info.Notes = hex.EncodeToString(noise(1, large)) }, false, true, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rel := releasetest.NewRelease(webKey(), 3, release.StatusDeployed)
			tt.change(rel)
			p := mustPack(t, rel, limit, nil)
			if one := p.Parts == nil; one != tt.one || len(p.Payload) > limit {
				t.Fatalf("in one object: %t, want %t; its payload has %d bytes", one, tt.one, len(p.Payload))
			}
			if full := bytes.Equal(p.Payload, mustEncode(t, rel)); full != tt.full {
				t.Errorf("as Encode writes it: %t, want %t", full, tt.full)
			}
			got, err := headOf(rel).Decode(p.Payload)
			if err == nil && got.Parts != nil {
				got, err = headOf(rel).Join(got, p.Chunks)
			}
			if err != nil {
				t.Fatal(err)
			}
			if !tt.templates {
				rel.Chart.Templates, rel.Chart.Files = nil, nil
			}
			if !tt.schema {
				rel.Chart.Schema = nil
			}
			opts := cmp.Options{cmpopts.IgnoreFields(release.Release{}, "Parts"), cmpopts.EquateEmpty()}
			if diff := cmp.Diff(rel, got, opts); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestHeadOfParts is what Helm makes of the head: a release of the right name and
// status, without hooks that it could run, whose manifest it cannot build.
func TestHeadOfParts(t *testing.T) {
	t.Parallel()
	rel := bulky(100 << 10)
	p := mustPack(t, rel, 64<<10, nil)
	head, err := release.Decode(p.Payload)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rel.Summary(), head.Summary()); diff != "" {
		t.Error(diff)
	}
	if len(head.Hooks) > 0 || head.Config != nil || head.Info.Notes != "" {
		t.Errorf("the head has more than it should: %+v", head)
	}
	const want = "# This record is too large for one object. The rest of it lies beside it, where\n" +
		"# pack finds it and Helm does not: use pack for this release.\n" +
		"apiVersion: pack.seed-0d4f92cc.github.io/v1\nkind: RecordTooLargeForHelm\n" +
		"metadata:\n  name: use-pack\nparts: {\"name\":\"sh.helm.release.v1.web.v3."
	if !strings.HasPrefix(head.Manifest, want) {
		t.Errorf("manifest %.500q", head.Manifest)
	}
	if _, err := release.Pack(head, 0, nil); err == nil {
		t.Error("a record with the manifest of a head was written")
	}
}

// TestPackUsesPartsAgain: what changes while operations run does not change the
// chunks.
func TestPackUsesPartsAgain(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	first := mustPack(t, bulky(100<<10), limit, nil)
	for _, tt := range []struct {
		name   string
		change func(*release.Release)
		again  bool
	}{
		{"nothing", func(*release.Release) {}, true},
		{"status and description", func(r *release.Release) { r.Info.Status, r.Info.Description = "failed", "it did" }, true},
		{"times", func(r *release.Release) { r.Info.Deleted = r.Info.LastDeployed }, true},
		{"a run of a hook", func(r *release.Release) { r.Hooks[0].LastRun = release.HookRun{Phase: release.HookFailed} }, true},
		{"the policies of a hook", func(r *release.Release) { r.Hooks[0].DeletePolicies = nil }, true},
		{"labels", func(r *release.Release) { r.Labels = map[string]string{"a": "b"} }, true},
		{"the manifest", func(r *release.Release) { r.Manifest += "#\n" }, false},
		{"the values", func(r *release.Release) { r.Config["replicas"] = 9.0 }, false},
		{"another revision", func(r *release.Release) { r.Version++ }, false},
	} {
		rel := bulky(100 << 10)
		tt.change(rel)
		p := mustPack(t, rel, limit, first.Parts)
		again := p.Parts == first.Parts && p.Chunks == nil
		if again != tt.again {
			t.Errorf("%s: the chunks are used again: %t", tt.name, again)
		}
	}
	rel := bulky(10)
	if p := mustPack(t, rel, limit, first.Parts); p.Parts != nil {
		t.Error("a record that has become small is in parts")
	}
}

func TestJoinNamesWhatIsDamaged(t *testing.T) {
	t.Parallel()
	rel := bulky(2 << 20)
	p := mustPack(t, rel, 0, nil)
	if len(p.Chunks) != 3 {
		t.Fatalf("%d chunks", len(p.Chunks))
	}
	name := p.Parts.ChunkName(1)
	if !strings.HasPrefix(name, "sh.helm.release.v1.web.v3.") || !strings.HasSuffix(name, ".2") {
		t.Errorf("the name of the second chunk is %s", name)
	}
	flipped := bytes.Clone(p.Chunks[1])
	flipped[1000] ^= 1
	const prefix = "record of revision 3 of release prod/web cannot be read: "
	for _, tt := range []struct {
		name   string
		chunks [][]byte
		want   string
	}{
		{"missing", [][]byte{p.Chunks[0], nil, p.Chunks[2]}, "part 2 of 3 (" + name + ") is missing"},
		{"short", [][]byte{p.Chunks[0], p.Chunks[1][1:], p.Chunks[2]}, "part 2 of 3 (" + name + ") is damaged: it has 921599 bytes, not 921600"},
		{"a flipped bit", [][]byte{p.Chunks[0], flipped, p.Chunks[2]}, "part 2 of 3 (" + name + ") is damaged: its digest is another"},
		{"one too few", p.Chunks[:2], "it has 3 parts, not 2"},
	} {
		outline, err := headOf(rel).Decode(p.Payload)
		if err != nil {
			t.Fatal(err)
		}
		_, err = headOf(rel).Join(outline, tt.chunks)
		if _, ok := errors.AsType[*release.RecordError](err); !ok || err.Error() != prefix+tt.want {
			t.Errorf("%s: error %v", tt.name, err)
		}
	}
}

// TestHeadsThatLie: a head cannot make a reader look elsewhere, or claim memory.
func TestHeadsThatLie(t *testing.T) {
	t.Parallel()
	rel := bulky(2 << 20)
	for name, change := range map[string]func(*release.Parts){
		"another release":     func(p *release.Parts) { p.Name = "sh.helm.release.v1.db.v3.abc" },
		"another object":      func(p *release.Parts) { p.Name = "password" },
		"another path":        func(p *release.Parts) { p.Name = "sh.helm.release.v1.web.v3./../x" },
		"a negative size":     func(p *release.Parts) { p.Size = -1 },
		"a huge size":         func(p *release.Parts) { p.Size = release.MaxRecord + 1 },
		"a huge chunk":        func(p *release.Parts) { p.Chunks[0].Size = release.MaxObject + 1 },
		"too many chunks":     func(p *release.Parts) { p.Chunks = make([]release.Chunk, 100); sized(p.Chunks, release.MaxObject) },
		"empty ones for ever": func(p *release.Parts) { p.Chunks = make([]release.Chunk, 100_000) },
	} {
		p := mustPack(t, rel, 0, nil)
		lie := *p.Parts
		lie.Chunks = append([]release.Chunk(nil), lie.Chunks...)
		change(&lie)
		if _, err := headOf(rel).Decode(lieAbout(t, p, &lie)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	p := mustPack(t, rel, 0, nil)
	lie := *p.Parts
	lie.Digest = strings.Repeat("0", 64)
	outline, err := headOf(rel).Decode(lieAbout(t, p, &lie))
	if err == nil {
		_, err = headOf(rel).Join(outline, p.Chunks)
	}
	if err == nil || !strings.Contains(err.Error(), "its parts do not make the whole") {
		t.Errorf("another digest: %v", err)
	}
}

func sized(chunks []release.Chunk, size int) {
	for i := range chunks {
		chunks[i].Size = size
	}
}

// lieAbout is the payload of p with other parts.
func lieAbout(t *testing.T, p *release.Packed, parts *release.Parts) []byte {
	t.Helper()
	head, err := release.Decode(p.Payload)
	if err != nil {
		t.Fatal(err)
	}
	mark, _, _ := strings.Cut(head.Manifest, "parts: ")
	text, err := json.Marshal(parts)
	if err != nil {
		t.Fatal(err)
	}
	head.Manifest = mark + "parts: " + string(text) + "\n"
	return mustEncode(t, head)
}

// TestPackerIsUsedAgain packs small, large and oversized records with one packer, several
// at once: each payload is as that of a packer of its own.
func TestPackerIsUsedAgain(t *testing.T) {
	t.Parallel()
	const limit = 32 << 10
	var packer release.Packer
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for _, size := range []int{100, 20 << 10, 200 << 10, 10} {
				rel := bulky(size)
				rel.Version = i + 1
				want, wantErr := release.Pack(rel, limit, nil)
				got, err := packer.Pack(rel, limit, nil)
				if err != nil || wantErr != nil {
					t.Errorf("%d bytes: %v, %v", size, err, wantErr)
					continue
				}
				if want.Parts == nil && !bytes.Equal(got.Payload, want.Payload) || (got.Parts == nil) != (want.Parts == nil) {
					t.Errorf("%d bytes: the payload differs", size)
				}
				if rel, err := headOf(rel).Decode(got.Payload); got.Parts == nil && (err != nil || rel.Manifest != bulky(size).Manifest) {
					t.Errorf("%d bytes: %v", size, err)
				}
			}
		})
	}
	group.Wait()
}
