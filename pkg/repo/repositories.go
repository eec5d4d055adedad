package repo

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/atomicfile"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// maxRepositories bounds the file of configured repositories.
const maxRepositories = 4 << 20

// Entry is a configured repository.
type Entry struct {
	Name   string
	URL    string
	Access Access
}

// Repositories are the configured repositories: the content of Helm's
// repositories.yaml. Names are unique; the first of several counts.
type Repositories struct {
	entries    []Entry
	apiVersion string
	generated  time.Time
}

// repositoriesFile is repositories.yaml.
type repositoriesFile struct {
	APIVersion   string       `json:"apiVersion"`
	Generated    time.Time    `json:"generated"`
	Repositories []*fileEntry `json:"repositories"`
}

type fileEntry struct {
	Name               string `json:"name"`
	URL                string `json:"url"`
	Username           string `json:"username"`
	Password           string `json:"password"`
	CertFile           string `json:"certFile"`
	KeyFile            string `json:"keyFile"`
	CAFile             string `json:"caFile"`
	InsecureSkipVerify bool   `json:"insecure_skip_tls_verify"`
	PassAll            bool   `json:"pass_credentials_all"`
}

// ReadRepositories reads repositories.yaml. Where there is no such file, no
// repository is configured.
func ReadRepositories(path string) (*Repositories, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Repositories{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't load repositories file (%s): %w", path, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxRepositories+1))
	if err == nil && len(data) > maxRepositories {
		err = fmt.Errorf("longer than %d bytes", maxRepositories)
	}
	var file repositoriesFile
	if err == nil {
		err = yamlio.Unmarshal(data, &file)
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't load repositories file (%s): %w", path, err)
	}
	r := &Repositories{apiVersion: file.APIVersion, generated: file.Generated}
	for _, e := range file.Repositories {
		if e != nil {
			r.entries = append(r.entries, e.entry())
		}
	}
	return r, nil
}

func (e *fileEntry) entry() Entry {
	return Entry{Name: e.Name, URL: e.URL, Access: Access{
		Username: e.Username, Password: e.Password, PassAll: e.PassAll,
		CAFile: e.CAFile, CertFile: e.CertFile, KeyFile: e.KeyFile, InsecureSkipVerify: e.InsecureSkipVerify,
	}}
}

// Write writes repositories.yaml, and makes its folder. Only the owner may read
// the file. Where it is a link, what that leads to is written.
func (r *Repositories) Write(path string) error {
	file := repositoriesFile{APIVersion: r.apiVersion, Generated: r.generated, Repositories: []*fileEntry{}}
	for _, e := range r.entries {
		a := e.Access
		file.Repositories = append(file.Repositories, &fileEntry{
			Name: e.Name, URL: e.URL, Username: a.Username, Password: a.Password, PassAll: a.PassAll,
			CAFile: a.CAFile, CertFile: a.CertFile, KeyFile: a.KeyFile, InsecureSkipVerify: a.InsecureSkipVerify,
		})
	}
	data, err := yamlio.Marshal(&file)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	return atomicfile.Bytes(path, 0o600, data)
}

// All are the repositories in the order of the file.
func (r *Repositories) All() iter.Seq[Entry] { return slices.Values(r.entries) }

// Len is how many there are.
func (r *Repositories) Len() int { return len(r.entries) }

// Find returns the repository of a name, and whether there is one.
func (r *Repositories) Find(name string) (Entry, bool) {
	if i := r.index(name); i >= 0 {
		return r.entries[i], true
	}
	return Entry{}, false
}

// Set adds a repository, or replaces the one of that name.
func (r *Repositories) Set(e Entry) {
	if i := r.index(e.Name); i >= 0 {
		r.entries[i] = e
		return
	}
	r.entries = append(r.entries, e)
}

// Remove takes a repository out and says whether it was there.
func (r *Repositories) Remove(name string) bool {
	before := len(r.entries)
	r.entries = slices.DeleteFunc(r.entries, func(e Entry) bool { return e.Name == name })
	return len(r.entries) < before
}

func (r *Repositories) index(name string) int {
	return slices.IndexFunc(r.entries, func(e Entry) bool { return e.Name == name })
}
