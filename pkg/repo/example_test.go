package repo_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// A chart is found in a repository that nobody has configured, and fetched.
func ExampleFetcher_Fetch() {
	archive := []byte("an archive")
	mux := http.NewServeMux()
	mux.HandleFunc("/index.yaml", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.2.3, urls: [web-1.2.3.tgz], digest: %q}\n", repo.DigestOf(archive))
	})
	mux.HandleFunc("/web-1.2.3.tgz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(archive) })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	cache, err := os.MkdirTemp("", "cache")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(cache)

	web := repo.NewHTTP(repo.HTTPConfig{UserAgent: "example/1"})
	fetcher := repo.NewFetcher(repo.FetcherConfig{
		Getter:  func(string) (repo.Getter, error) { return web, nil },
		Indexes: &repo.IndexCache{Dir: cache},
		Content: repo.ContentCache{Dir: cache},
	})
	a, err := fetcher.Fetch(context.Background(), repo.FetchRequest{Ref: "web", Version: "^1", Repo: srv.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.Name, len(a.Data), a.Cached)
	// Output: web-1.2.3.tgz 10 false
}

// A reference to a registry is taken apart.
func ExampleParseOCI() {
	ref, err := repo.ParseOCI("oci://registry.example.com:5000/charts/web:1.2.3")
	fmt.Println(ref.Repository, ref.Name(), ref.Tag, err)
	// Output: registry.example.com:5000/charts/web web 1.2.3 <nil>
}
