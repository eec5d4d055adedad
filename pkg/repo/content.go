package repo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/atomicfile"
	"github.com/seed-0d4f92cc/pack/internal/bounded"
)

// The kinds of files in a content cache, by Helm's names.
const (
	chartKind      = ".chart"
	provenanceKind = ".prov"
)

// ContentCache keeps archives of charts, and their provenance files, by the
// digest of the archive, in the folder and under the names that Helm uses. It
// is safe for concurrent use, by several processes too. The zero value caches
// nothing.
type ContentCache struct {
	// Dir is made when something is put into it.
	Dir string
}

// Chart returns the archive with a digest, hexadecimal with or without
// "sha256:" in front, and whether it is there. What has been changed since it
// was put there is not there.
func (c ContentCache) Chart(digest string) ([]byte, bool) {
	data, err := c.read(digest, chartKind)
	if err != nil || CheckDigest(data, digest) != nil {
		return nil, false
	}
	return data, true
}

// Provenance returns the provenance file of the archive with a digest.
func (c ContentCache) Provenance(digest string) ([]byte, bool) {
	data, err := c.read(digest, provenanceKind)
	return data, err == nil && len(data) > 0
}

// PutChart keeps an archive and returns its digest, "sha256:…".
func (c ContentCache) PutChart(data []byte) (string, error) {
	digest := DigestOf(data)
	return digest, c.write(digest, chartKind, data)
}

// PutProvenance keeps the provenance file of the archive with a digest.
func (c ContentCache) PutProvenance(digest string, data []byte) error {
	return c.write(digest, provenanceKind, data)
}

func (c ContentCache) path(digest, kind string) (string, error) {
	sum, err := hexOf(digest)
	if err != nil {
		return "", err
	}
	return filepath.Join(c.Dir, sum[:2], sum+kind), nil
}

func (c ContentCache) read(digest, kind string) ([]byte, error) {
	if c.Dir == "" {
		return nil, fs.ErrNotExist
	}
	path, err := c.path(digest, kind)
	if err != nil {
		return nil, err
	}
	return bounded.ReadFile(path, DefaultMaxBytes)
}

// write puts a file in its place when it is complete.
func (c ContentCache) write(digest, kind string, data []byte) error {
	if c.Dir == "" {
		return nil
	}
	path, err := c.path(digest, kind)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return atomicfile.Bytes(path, 0o644, data)
}

// DigestOf is the digest of data, "sha256:…".
func DigestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// CheckDigest compares data with a digest, hexadecimal with or without
// "sha256:" in front. The error wraps ErrDigest.
func CheckDigest(data []byte, digest string) error {
	want, err := hexOf(digest)
	if err != nil {
		return err
	}
	if got := DigestOf(data); got != "sha256:"+want {
		return fmt.Errorf("%w: the content is %s, and should be sha256:%s", ErrDigest, got, want)
	}
	return nil
}

// hexOf checks a digest and takes the name of the algorithm off it.
func hexOf(digest string) (string, error) {
	algorithm, sum, ok := strings.Cut(digest, ":")
	if !ok {
		sum = algorithm
	} else if algorithm != "sha256" {
		return "", fmt.Errorf("digest %q: only sha256 is supported", digest)
	}
	raw, err := hex.DecodeString(sum)
	if err != nil {
		return "", fmt.Errorf("digest %q: not hexadecimal", digest)
	}
	if len(raw) != sha256.Size {
		return "", fmt.Errorf("digest %q: %d bytes long, and should be %d", digest, len(raw), sha256.Size)
	}
	return strings.ToLower(sum), nil
}
