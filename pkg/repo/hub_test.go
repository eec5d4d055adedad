package repo_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

func TestSearchHub(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/hub/api/chartsvc/v1/charts/search", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("q") != "a web & more" {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, `{"data": [
			{"id": "r/web", "attributes": {"description": "serves", "repo": {"name": "r", "url": "https://r.example.com"}},
			 "relationships": {"latestChartVersion": {"data": {"version": "1.2.3", "app_version": "9"}}}},
			{"id": "x", "artifactHub": {"packageUrl": "https://hub.example.com/web"}}]}`)
	})
	mux.HandleFunc("/none/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{}`) })
	mux.HandleFunc("/html/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") })
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	for name, c := range map[string]struct {
		endpoint string
		want     []repo.HubChart
		err      string
	}{
		"found": {srv.URL + "/hub", []repo.HubChart{
			{
				URL: srv.URL + "/hub/charts/r/web", Version: "1.2.3", AppVersion: "9", Description: "serves",
				Repository: repo.HubRepository{URL: "https://r.example.com", Name: "r"},
			},
			{URL: "https://hub.example.com/web"},
		}, ""},
		"nothing": {srv.URL + "/none", []repo.HubChart{}, ""},
		"no JSON": {srv.URL + "/html", nil, "unable to perform search against"},
		"no hub":  {srv.URL, nil, ": 404 Not Found"},
		"no host": {"hub", nil, `unable to create connection to "hub": no hostname provided`},
		"no URL":  {"http://me:topsecret@%zz", nil, "the URL cannot be parsed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := repo.SearchHub(t.Context(), newGetter(), c.endpoint, "a web & more")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("error %v, want %q", err, c.err)
			}
		})
	}
}
