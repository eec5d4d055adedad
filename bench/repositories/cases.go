//go:build unix

package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
)

// testCase is one row of the table.
type testCase struct {
	name string
	args []string
	// fresh is removed from each program's cache before each run.
	fresh string
	// result is the file that the program writes, in its folder; empty where its
	// output is what counts.
	result string
}

// prepare makes what the cases need, and returns what stops the server.
func (b *bench) prepare() (stop func(), err error) {
	www := filepath.Join(b.dir, "www")
	for _, dir := range []string{"one", "two"} {
		if err := os.MkdirAll(filepath.Join(www, dir), 0o755); err != nil {
			return nil, err
		}
	}
	for i, name := range []string{"one", "two"} {
		served, err := writeArchive(filepath.Join(www, name), "zz-served", "1.0.0")
		if err != nil {
			return nil, err
		}
		if err := writeIndex(filepath.Join(www, name, "index.yaml"), (i+1)*b.versions, served); err != nil {
			return nil, err
		}
	}
	server := httptest.NewServer(files(www))
	b.url = server.URL
	for _, program := range b.programs() {
		if err := b.prepareHome(program, www); err != nil {
			server.Close()
			return nil, err
		}
	}
	return server.Close, nil
}

// prepareHome makes the folder in which a program works: the repositories are
// configured, and their indexes have been fetched by it.
func (b *bench) prepareHome(program, www string) error {
	home := b.home(program)
	for _, dir := range []string{"cache", "charts"} {
		if err := os.MkdirAll(filepath.Join(home, dir), 0o755); err != nil {
			return err
		}
	}
	if err := writeArchives(filepath.Join(home, "charts"), b.archives); err != nil {
		return err
	}
	for _, name := range []string{"one", "two"} {
		list := fmt.Sprintf("apiVersion: \"\"\ngenerated: \"0001-01-01T00:00:00Z\"\nrepositories:\n- name: %s\n  url: %s/changed/%s\n", name, b.url, name)
		if err := os.WriteFile(filepath.Join(home, name+".yaml"), []byte(list), 0o600); err != nil {
			return err
		}
		data, err := os.Open(filepath.Join(www, name, "index.yaml"))
		if err != nil {
			return err
		}
		copied, err := os.Create(filepath.Join(home, "cache", name+"-index.yaml"))
		if err == nil {
			_, err = io.Copy(copied, data)
		}
		if err == nil {
			err = copied.Close()
		}
		if err != nil {
			return err
		}
		_ = data.Close()
	}
	list := fmt.Sprintf("repositories:\n- name: same\n  url: %s/same/one\n", b.url)
	return os.WriteFile(filepath.Join(home, "same.yaml"), []byte(list), 0o600)
}

// files serves a folder twice: below /same/ with the times of the files, so that
// who has one need not fetch it again, and below /changed/ without.
func files(dir string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/same/", http.StripPrefix("/same", http.FileServer(http.Dir(dir))))
	mux.HandleFunc("/changed/", func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/changed/")
		if !filepath.IsLocal(name) {
			http.NotFound(w, r)
			return
		}
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		defer f.Close()
		_, _ = io.Copy(w, f) // the client may be gone
	})
	return mux
}

func (b *bench) cases() []testCase {
	with := func(list string, args ...string) []string {
		return append(args, "--repository-config", list+".yaml", "--repository-cache", "cache")
	}
	word := topics()[3]
	return []testCase{
		{name: "search repo, 1st index", args: with("one", "search", "repo", word)},
		{name: "search repo, 2nd index", args: with("two", "search", "repo", word)},
		{name: "search repo --versions --regexp", args: with("one", "search", "repo", "^"+word+"-00", "--versions", "--regexp")},
		{name: "the same, index not seen before", args: with("one", "search", "repo", word), fresh: "cache/one-index.pack"},
		{name: "show chart repo/name, 1st index", args: with("one", "show", "chart", "one/zz-served")},
		{name: "show chart repo/name, 2nd index", args: with("two", "show", "chart", "two/zz-served")},
		{name: "show chart --repo URL", args: with("one", "show", "chart", "zz-served", "--repo", b.url+"/changed/one")},
		{name: "show chart --repo URL, unchanged", args: with("one", "show", "chart", "zz-served", "--repo", b.url+"/same/one")},
		{name: "repo update, 1st index", args: with("one", "repo", "update")},
		{name: "repo update, 2nd index", args: with("two", "repo", "update")},
		{name: "repo update, unchanged", args: with("same", "repo", "update")},
		{name: "repo index", args: []string{"repo", "index", "charts"}, result: "charts/index.yaml"},
		{name: "repo index --merge", args: []string{"repo", "index", "charts", "--merge", "charts/index.yaml"}, result: "charts/index.yaml"},
		{name: "repo index --merge of the 1st index", args: []string{"repo", "index", "charts", "--merge", "cache/one-index.yaml"}, result: "charts/index.yaml"},
	}
}
