package kube

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// randomMeta has any of the fields of metadata.
func randomMeta(r *rand.Rand) metav1.ObjectMeta {
	texts := func(n int) map[string]string {
		m := map[string]string{}
		for range r.IntN(n) {
			m[strconv.Itoa(r.IntN(5))] = []string{"", "helm", strconv.Itoa(r.Int()), "ü"}[r.IntN(4)]
		}
		return m
	}
	m := metav1.ObjectMeta{Name: "web", UID: "u", ResourceVersion: "1", Labels: texts(6), Annotations: texts(3)}
	if r.IntN(2) == 0 {
		now := metav1.NewTime(time.Unix(r.Int64N(1e9), 0))
		m.Namespace, m.GenerateName, m.Generation = "ns", "web-", r.Int64N(1e9)
		m.CreationTimestamp, m.DeletionTimestamp, m.DeletionGracePeriodSeconds = now, &now, new(int64)
		m.OwnerReferences, m.Finalizers = []metav1.OwnerReference{{Name: "o"}}, []string{"f"}
	}
	for range r.IntN(4) {
		m.ManagedFields = append(m.ManagedFields, metav1.ManagedFieldsEntry{
			Manager: []string{"helm", "Helm", "kubectl", ""}[r.IntN(4)], Operation: "Update",
			FieldsV1: metav1.NewFieldsV1([]string{`{"f:data":{}}`, `{"f:metadata":{}}`}[r.IntN(2)]),
		})
	}
	return m
}

// TestMetaReader compares what is read of metadata with what the API's own type reads.
func TestMetaReader(t *testing.T) {
	t.Parallel()
	reader := metaReader{texts: map[string]string{}}
	for seed := range uint64(2000) {
		partial := metav1.PartialObjectMetadata{ObjectMeta: randomMeta(rand.New(rand.NewPCG(seed, 1)))}
		raw, err := partial.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		var whole metav1.PartialObjectMetadata
		if err := whole.Unmarshal(raw); err != nil {
			t.Fatal(err)
		}
		got, err := reader.read(raw)
		if err != nil {
			t.Fatal(err)
		}
		want := metav1.ObjectMeta{
			Name: whole.Name, Namespace: whole.Namespace, Labels: whole.Labels, Annotations: whole.Annotations,
		}
		if diff := cmp.Diff(want, metav1.ObjectMeta{Name: got.Name, Namespace: got.Namespace, Labels: got.Labels, Annotations: got.Annotations}); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
		}
		if touched(got) != touched(&whole.ObjectMeta) {
			t.Fatalf("seed %d: touched %v", seed, touched(got))
		}
	}
}

// TestMetaReaderOfGarbage: whatever comes is read or refused.
func TestMetaReaderOfGarbage(t *testing.T) {
	t.Parallel()
	partial := metav1.PartialObjectMetadata{ObjectMeta: randomMeta(rand.New(rand.NewPCG(4, 1)))}
	raw, err := partial.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for i := range raw {
		for _, b := range []byte{0, 0x7f, 0x80, 0xff} {
			garbage := append([]byte{}, raw[:i]...)
			garbage = append(append(garbage, b), raw[min(i+1, len(raw)):]...)
			reader := metaReader{texts: map[string]string{}}
			if _, err := reader.read(garbage); err != nil {
				refused++
			}
		}
		if _, err := (&metaReader{texts: map[string]string{}}).read(raw[:i]); err == nil && i > 0 {
			t.Errorf("%d of %d bytes were read as whole metadata", i, len(raw))
		}
	}
	if refused == 0 {
		t.Error("nothing was refused")
	}
}
