package repo

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/Masterminds/semver/v3"

	"github.com/seed-0d4f92cc/pack/internal/atomicfile"
	"github.com/seed-0d4f92cc/pack/internal/bounded"
)

// pulledFolder is where a content cache keeps what references to registries meant.
const pulledFolder = "oci"

// maxPulled bounds a file there, with a provenance file in it.
const maxPulled = 2 * maxProvenance

// pulledChart is what a reference to a registry meant when it was pulled last. The
// archive is in the content cache.
type pulledChart struct {
	// Reference is "host/path:tag" or "host/path@sha256:…".
	Reference string `json:"reference"`
	// Manifest and Content are the digests of the manifest and of the archive.
	Manifest string `json:"manifest"`
	Content  string `json:"content"`
	// Name and Version are those of the artifact's config.
	Name       string `json:"name"`
	Version    string `json:"version"`
	Provenance []byte `json:"provenance,omitempty"`
}

// putPulled remembers what a reference meant, by its tag and by its digest.
func (c ContentCache) putPulled(ref OCIRef, p *Pulled) error {
	if c.Dir == "" {
		return nil
	}
	for _, r := range []OCIRef{{Repository: ref.Repository, Tag: ref.Tag}, {Repository: ref.Repository, Digest: p.Digest}} {
		if r.Tag == "" && r.Digest == "" {
			continue
		}
		if err := c.writePulled(r, p); err != nil {
			return err
		}
	}
	return nil
}

func (c ContentCache) writePulled(by OCIRef, p *Pulled) error {
	entry := pulledChart{
		Reference: by.String(), Manifest: p.Digest, Content: DigestOf(p.Chart), Name: p.Name, Version: p.Version, Provenance: p.Provenance,
	}
	if old, ok := c.pulled(by); ok && old.Manifest == p.Digest && entry.Provenance == nil {
		entry.Provenance = old.Provenance // nobody asked for it this time
	}
	data, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	path := c.pulledPath(by)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return atomicfile.Bytes(path, 0o644, data)
}

// pulled is what a reference meant, with a tag, a digest, or both, which must agree.
func (c ContentCache) pulled(ref OCIRef) (*pulledChart, bool) {
	by := ref
	if by.Tag != "" {
		by.Digest = ""
	}
	if c.Dir == "" {
		return nil, false
	}
	p, err := readPulled(c.pulledPath(by))
	if err != nil || p.Reference != by.String() || ref.Digest != "" && p.Manifest != ref.Digest {
		return nil, false
	}
	return p, true
}

// PulledChart is the archive that a reference ("host/path:tag") meant when it was
// pulled last, and whether it is there.
func (c ContentCache) PulledChart(ref OCIRef) ([]byte, bool) {
	p, ok := c.pulled(ref)
	if !ok {
		return nil, false
	}
	return c.Chart(p.Content)
}

// PulledVersions are the tags of a repository ("host/path") that are versions and were
// pulled, the highest first.
func (c ContentCache) PulledVersions(repository string) []string {
	if c.Dir == "" {
		return nil
	}
	dir := filepath.Dir(c.pulledPath(OCIRef{Repository: repository}))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var found []*semver.Version
	for _, e := range entries {
		p, err := readPulled(filepath.Join(dir, e.Name()))
		if err != nil {
			continue
		}
		if ref, err := ParseOCI(p.Reference); err == nil && ref.Repository == repository {
			if v, err := semver.StrictNewVersion(ref.Tag); err == nil {
				found = append(found, v)
			}
		}
	}
	slices.SortFunc(found, func(a, b *semver.Version) int {
		return cmp.Or(b.Compare(a), cmp.Compare(b.Original(), a.Original()))
	})
	var versions []string
	for _, v := range found {
		versions = append(versions, v.Original())
	}
	return versions
}

// pulledPath is the file of a reference, in a folder of its repository. Names are
// hashes: those of registries may differ in nothing but case.
func (c ContentCache) pulledPath(ref OCIRef) string {
	name := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	return filepath.Join(c.Dir, pulledFolder, name(ref.Repository), name(ref.String())+".json")
}

func readPulled(path string) (*pulledChart, error) {
	data, err := bounded.ReadFile(path, maxPulled)
	if err != nil {
		return nil, err
	}
	p := new(pulledChart)
	return p, json.Unmarshal(data, p)
}

// pulledCharts is what was pulled from registries, as a Registry.
type pulledCharts struct{ content ContentCache }

// Versions implements Registry.
func (r pulledCharts) Versions(_ context.Context, repository string, _ Access) ([]string, error) {
	versions := r.content.PulledVersions(repository)
	if len(versions) == 0 {
		return nil, fmt.Errorf("%w: which versions there are in %s%s would have to be asked", ErrOffline, OCIScheme, repository)
	}
	return versions, nil
}

// Resolve implements Registry.
func (r pulledCharts) Resolve(_ context.Context, reference string, _ Access) (string, error) {
	ref, err := ParseOCI(reference)
	if err != nil {
		return "", err
	}
	p, ok := r.content.pulled(ref)
	if !ok {
		return "", fmt.Errorf("%w: %s%s would have to be asked for", ErrOffline, OCIScheme, reference)
	}
	return p.Manifest, nil
}

// Pull implements Registry.
func (r pulledCharts) Pull(_ context.Context, reference string, opts PullOptions) (*Pulled, error) {
	ref, err := ParseOCI(reference)
	if err != nil {
		return nil, err
	}
	p, ok := r.content.pulled(ref)
	if !ok {
		return nil, fmt.Errorf("%w: %s%s would have to be pulled", ErrOffline, OCIScheme, reference)
	}
	data, ok := r.content.Chart(p.Content)
	if !ok {
		return nil, fmt.Errorf("%w: %s%s would have to be pulled: its archive is not in the cache any more", ErrOffline, OCIScheme, reference)
	}
	if limit := cmp.Or(opts.MaxBytes, DefaultMaxBytes); int64(len(data)) > limit {
		return nil, tooLong(limit)
	}
	out := &Pulled{Ref: reference, Digest: p.Manifest, Name: p.Name, Version: p.Version, Chart: data}
	if opts.Provenance {
		out.Provenance = p.Provenance
	}
	return out, nil
}
