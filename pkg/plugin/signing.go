package plugin

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// SigningStatus says, in Helm's words, how far an installed plugin is signed, by
// what is kept beside it: "local dev", "unsigned", "invalid provenance",
// "mismatched provenance", "signed" or "unknown". Signatures are not checked.
func (p *Plugin) SigningStatus() string {
	info, err := os.Lstat(p.Dir)
	if err != nil {
		return "unknown"
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return "local dev"
	}
	file := filepath.Join(filepath.Dir(p.Dir), p.ArchiveName())
	archive, err := bounded.ReadFile(file, maxArchive)
	if err != nil {
		return "unsigned"
	}
	text, err := bounded.ReadFile(file+provenanceSuffix, maxProvenance)
	switch {
	case isNotExist(err):
		return "unsigned"
	case err != nil:
		return "unknown"
	}
	sums, ok := signedSums(string(text))
	if !ok {
		return "invalid provenance"
	}
	want := repo.DigestOf(archive)
	for name, sum := range sums {
		if sum == want && strings.Contains(name, p.ArchiveName()) {
			return "signed"
		}
	}
	return "mismatched provenance"
}

// signedSums are the digests in a provenance file, if it looks like one.
func signedSums(text string) (map[string]string, bool) {
	const begin, end = "-----BEGIN PGP SIGNED MESSAGE-----", "\n-----BEGIN PGP SIGNATURE-----"
	text = strings.ReplaceAll(text, "\r\n", "\n")
	_, text, found := strings.Cut(text, begin)
	message, signature, signed := strings.Cut(text, end)
	if !found || !signed || !strings.Contains(signature, "-----END PGP SIGNATURE-----") {
		return nil, false
	}
	var sums struct {
		Files map[string]string `json:"files"`
	}
	if _, block, ok := strings.Cut(message, "\n...\n"); ok {
		if err := yamlio.Unmarshal([]byte(block), &sums); err != nil {
			return nil, true
		}
	}
	return sums.Files, true
}
