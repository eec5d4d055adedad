package plugin

import (
	"errors"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// Kind is what a plugin is installed from.
type Kind int

// The kinds.
const (
	// KindFolder is a folder, which is linked to, for those who work on it.
	KindFolder Kind = iota
	// KindArchive is a file with a packed plugin.
	KindArchive
	// KindURL is such a file on a web server.
	KindURL
	// KindRegistry is a plugin in an OCI registry.
	KindRegistry
	// KindGit is a git repository.
	KindGit
)

// CanVerify says whether what comes from there can be signed.
func (k Kind) CanVerify() bool { return k == KindArchive || k == KindURL || k == KindRegistry }

// archiveSuffixes are how the names of packed plugins end.
func archiveSuffixes() []string { return []string{".tgz", ".tar.gz"} }

func isArchiveName(name string) bool {
	for _, suffix := range archiveSuffixes() {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// KindOf says what a source is: the path of a folder or a file, where it is the
// absolute path that counts, or a URL. Of an http URL that is neither a packed
// plugin nor a git repository by its looks, only the server can tell; it counts
// as a repository here, and Installer.Install finds out.
func KindOf(source string) Kind {
	if strings.HasPrefix(source, repo.OCIScheme) {
		return KindRegistry
	}
	if info, err := os.Stat(source); err == nil {
		if info.IsDir() || !isArchiveName(source) {
			return KindFolder
		}
		return KindArchive
	}
	if u, ok := webURL(source); ok && isArchiveName(u.Path) {
		return KindURL
	}
	return KindGit
}

func webURL(source string) (*url.URL, bool) {
	u, err := url.Parse(source)
	return u, err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// looksLikeGit says whether git can be asked for a source: it is a URL of a kind
// that git knows, or host:path.
func looksLikeGit(source string) bool {
	if strings.HasPrefix(source, "-") {
		return false
	}
	if u, err := url.Parse(source); err == nil && u.Scheme != "" {
		switch u.Scheme {
		case "http", "https", "ssh", "git", "git+ssh", "file":
			return true
		}
	}
	host, _, ok := strings.Cut(source, ":")
	return ok && !strings.ContainsAny(host, `/\`) && strings.Contains(host, "@")
}

// folderName is what the folder of a plugin from a source is called: as in Helm,
// by the last part of the source, unless that is no good name.
func folderName(source string, kind Kind, name string) string {
	last := filepath.Base(source)
	switch kind {
	case KindFolder:
	case KindRegistry:
		last, _, _ = strings.Cut(path.Base(source), "@")
		last, _, _ = strings.Cut(last, ":")
	default:
		if u, err := url.Parse(source); err == nil && u.Scheme != "" {
			last = path.Base(u.Path)
		}
		if kind != KindGit {
			last = withoutVersion(last)
		}
	}
	if !isPlainName(last) {
		return name
	}
	return last
}

// withoutVersion takes the suffix and a version off the name of an archive.
func withoutVersion(name string) string {
	for _, suffix := range archiveSuffixes() {
		name = strings.TrimSuffix(name, suffix)
	}
	for i := len(name) - 1; i > 0; i-- {
		if name[i] != '-' {
			continue
		}
		digits := strings.TrimLeft(name[i+1:], "0123456789")
		if len(digits) < len(name[i+1:]) && strings.HasPrefix(digits, ".") {
			return name[:i]
		}
	}
	return name
}

// isPlainName says whether a text can be the name of a folder, and is none that
// is hidden or a number of places up.
func isPlainName(name string) bool {
	if name == "" || len(name) > 128 || name[0] == '.' || name[0] == '-' {
		return false
	}
	for _, r := range name {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._+-@", r) {
			return false
		}
	}
	return true
}

// CheckSource says what is wrong with a source that can be no plugin by its looks.
// Whether there is one nobody knows before it is fetched.
func CheckSource(source string) error {
	if _, web := webURL(source); KindOf(source) != KindGit || web || looksLikeGit(source) {
		return nil
	}
	return unknownSource(source, errors.New("neither a file nor a URL of a repository"))
}

// withoutSecrets takes credentials out of a source.
func withoutSecrets(source string) string {
	if strings.HasPrefix(source, "http://") || strings.HasPrefix(source, "https://") {
		return repo.Redact(source)
	}
	u, err := url.Parse(source)
	if err != nil || u.User == nil {
		return source
	}
	return u.Redacted() // who one is to ssh is no secret
}
