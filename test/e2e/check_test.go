package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// check compares the objects and the records with what is to be there.
func (k *killer) check(s *session, x, what string) { k.checkBut(s, x, what) }

// checkBut is check without the objects whose names begin in one of some ways.
func (k *killer) checkBut(s *session, x, what string, but ...string) {
	s.t.Helper()
	want := ""
	if x != "" {
		want = "m-a=" + x + " m-b=" + x + " m-c=" + x + " m-" + x + "=" + x
		for i := range s.more {
			want += fmt.Sprintf(" m-x%02d=%s", i, x)
		}
		for _, name := range s.extra {
			want += " " + name + "=" + x
		}
	}
	var maps struct {
		Items []struct {
			Metadata struct{ Name string }
			Data     map[string]string
		}
	}
	if err := cluster(s.t).Do(s.t.Context(), http.MethodGet, "/api/v1/namespaces/"+s.namespace+"/configmaps", nil, &maps); err != nil {
		s.t.Fatal(err)
	}
	var have []string
	for _, m := range maps.Items {
		passedOver := func(but string) bool { return strings.HasPrefix(m.Metadata.Name, but) }
		if m.Metadata.Name != "kube-root-ca.crt" && !slices.ContainsFunc(but, passedOver) {
			have = append(have, m.Metadata.Name+"="+m.Data["x"])
		}
	}
	if got := strings.Join(have, " "); got != want {
		s.t.Errorf("%s: objects %q, want %q", what, got, want)
	}
	records, deployed := k.records(s), 0
	for _, r := range records {
		switch {
		case r.status == "deployed":
			deployed++
		case strings.HasPrefix(r.status, "pending-"), r.status == "uninstalling":
			s.t.Errorf("%s: revision %s is %s", what, r.revision, r.status)
		}
	}
	if x != "" && deployed != 1 || x == "" && len(records) > 0 {
		s.t.Errorf("%s: %d records, %d deployed", what, len(records), deployed)
	}
}

// checkClosed fails if a record is pending.
func (k *killer) checkClosed(s *session, what string) {
	s.t.Helper()
	for _, r := range k.records(s) {
		if strings.HasPrefix(r.status, "pending-") || r.status == "uninstalling" {
			s.t.Errorf("%s: revision %s is left %s", what, r.revision, r.status)
		}
	}
}

// record is one revision as its labels tell.
type record struct{ revision, status string }

// records are those of a namespace, as the cluster has them.
func (k *killer) records(s *session) []record {
	s.t.Helper()
	var secrets struct {
		Items []struct {
			Metadata struct{ Labels map[string]string }
		}
	}
	path := "/api/v1/namespaces/" + s.namespace + "/secrets?labelSelector=owner%3Dhelm"
	if err := cluster(s.t).Do(s.t.Context(), http.MethodGet, path, nil, &secrets); err != nil {
		s.t.Fatal(err)
	}
	var out []record
	for _, secret := range secrets.Items {
		out = append(out, record{secret.Metadata.Labels["version"], secret.Metadata.Labels["status"]})
	}
	return out
}

// checkKnown fails if there is an object that the newest record does not list, or one
// that it lists and that is not there.
func (k *killer) checkKnown(s *session, what string) {
	s.t.Helper()
	manifest := ""
	if records := k.records(s); len(records) > 0 {
		manifest = s.run(tool{"pack", packBinary(s.t)}, "get", "manifest", "web")
	}
	var maps struct {
		Items []struct {
			Metadata struct{ Name string }
			Data     map[string]string
		}
	}
	if err := cluster(s.t).Do(s.t.Context(), http.MethodGet, "/api/v1/namespaces/"+s.namespace+"/configmaps", nil, &maps); err != nil {
		s.t.Fatal(err)
	}
	there := 0
	for _, m := range maps.Items {
		if m.Metadata.Name == "kube-root-ca.crt" {
			continue
		}
		there++
		text, _ := json.Marshal(m)
		if !strings.Contains(manifest, "{name: "+m.Metadata.Name+"}\ndata: {x: "+m.Data["x"]+"}") {
			s.t.Errorf("%s: no record knows %s\n%s", what, text, manifest)
		}
	}
	if want := strings.Count(manifest, "kind: ConfigMap"); there != want {
		s.t.Errorf("%s: %d objects, want %d", what, there, want)
	}
}
