package oci_test

import (
	"errors"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/oci"
)

const pluginType = "application/vnd.helm.plugin.v1+json"

// plugin serves a plugin whose manifest has been changed.
func (f *fakeRegistry) plugin(t *testing.T, change func(*fakeManifest)) ocispec.Descriptor {
	t.Helper()
	m := &fakeManifest{}
	m.SchemaVersion = 2
	m.ArtifactType = pluginType
	m.Config = f.blob(ocispec.MediaTypeEmptyJSON, []byte("{}"))
	for _, title := range []string{"demo-1.2.3+x.tgz.prov", "other-1.2.3.tgz", "demo-1.2.3+x.tgz"} {
		layer := f.blob("application/vnd.oci.image.layer.v1.tar", []byte("content of "+title))
		layer.Annotations = map[string]string{ocispec.AnnotationTitle: title}
		m.Layers = append(m.Layers, layer)
	}
	if change != nil {
		change(m)
	}
	return f.manifest(t, "1.2.3_x", ocispec.MediaTypeImageManifest, m)
}

func TestPullPlugin(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	desc := f.plugin(t, nil)
	for _, ref := range []string{"/x/demo:1.2.3+x", "/x/demo@" + desc.Digest.String()} {
		got, err := newClient(t).PullPlugin(t.Context(), f.host+ref, "demo", f.access)
		if err != nil {
			t.Fatal(err)
		}
		if string(got.Chart) != "content of demo-1.2.3+x.tgz" || string(got.Provenance) != "content of demo-1.2.3+x.tgz.prov" {
			t.Errorf("%s: %q, %q", ref, got.Chart, got.Provenance)
		}
		if got.Version != "1.2.3+x" || got.Digest != desc.Digest.String() {
			t.Errorf("%s: version %q, digest %s", ref, got.Version, got.Digest)
		}
	}
	f.plugin(t, func(m *fakeManifest) {
		m.ArtifactType, m.Config.MediaType, m.Layers = "", pluginType, m.Layers[2:]
	})
	got, err := newClient(t).PullPlugin(t.Context(), f.host+"/x/demo:1.2.3+x", "demo", f.access)
	if err != nil || got.Provenance != nil || got.Chart == nil {
		t.Errorf("without a provenance file: %+v, %v", got, err)
	}
}

func TestPullPluginRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*fakeManifest)
		ref    string
		text   string
		is     error
	}{
		"another artifact": {func(m *fakeManifest) { m.ArtifactType = "application/x" }, "", "expected artifact type " + pluginType + ", got application/x", oci.ErrNoPlugin},
		"a chart": {func(m *fakeManifest) {
			m.ArtifactType, m.Config.MediaType = "", "application/vnd.cncf.helm.config.v1+json"
		}, "", "expected config media type " + pluginType + " for legacy compatibility", oci.ErrNoPlugin},
		"another plugin": {func(m *fakeManifest) { m.Layers = m.Layers[1:2] }, "", "required layer matching pattern demo-VERSION.tgz not found in manifest", nil},
		"two": {func(m *fakeManifest) {
			m.Layers[1].Annotations[ocispec.AnnotationTitle] = "demo-9.9.9.tgz"
		}, "", "two layers titled demo-VERSION.tgz", nil},
		"huge":          {func(m *fakeManifest) { m.Layers[2].Size = 1 << 40 }, "", "has 1099511627776 bytes, and may have", nil},
		"wrong content": {func(m *fakeManifest) { m.Layers[2].Digest = m.Layers[1].Digest }, "", "", nil},
		"missing":       {nil, "/x/demo:9", "not found", repo.ErrNotFound},
		"digest":        {nil, "/x/demo:1.2.3+x@sha256:" + strings.Repeat("0", 64), "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.plugin(t, tc.change)
			ref := tc.ref
			if ref == "" {
				ref = "/x/demo:1.2.3+x"
			}
			got, err := newClient(t).PullPlugin(t.Context(), f.host+ref, "demo", f.access)
			if err == nil || !strings.Contains(err.Error(), tc.text) || tc.is != nil && !errors.Is(err, tc.is) {
				t.Errorf("%+v, error %v; want %q", got, err, tc.text)
			}
		})
	}
}
