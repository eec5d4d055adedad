package e2e_test

import (
	"os"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/testregistry"
)

// TestInteropCosign signs charts with pack and with Cosign, each with keys of either, and
// has the other check them: in Cosign's present form and in that by tag.
func TestInteropCosign(t *testing.T) {
	t.Parallel()
	cosign := tool{"cosign", os.Getenv("COSIGN")}
	if cosign.path == "" || os.Getenv("PACK_REGISTRY") == "" {
		t.Skip("COSIGN names no binary, or PACK_REGISTRY no registry; `make interop` builds them")
	}
	pack := tool{"pack", packAlone(t)}
	h := newHands(t, testregistry.Config{Binary: os.Getenv("PACK_REGISTRY")})
	h.env = []string{"COSIGN_PASSWORD=correct horse"}
	h.run(pack, "registry", "generate-key", "--output-key-prefix", "of-pack")
	h.run(cosign, "generate-key-pair", "--output-key-prefix", "of-cosign")
	h.run(pack, "package", "hand", "--version", "1.0.0")

	bySigner := map[string][]string{
		"pack":          {"registry", "sign", "--plain-http"},
		"cosign":        {"sign", "--yes", "--allow-http-registry", "--tlog-upload=false", "--use-signing-config=false"},
		"cosign-by-tag": {"sign", "--yes", "--allow-http-registry", "--tlog-upload=false", "--use-signing-config=false", "--new-bundle-format=false"},
	}
	for name, args := range bySigner {
		for _, keys := range []string{"of-pack", "of-cosign"} {
			t.Run(name+", key "+keys, func(t *testing.T) {
				h := *h
				h.t = t
				place := h.address + "/" + name + "/" + keys
				digest := digestIn(t, h.run(pack, "push", "hand-1.0.0.tgz", "oci://"+place, "--plain-http"))
				ref := place + "/hand@" + digest
				args := append(args, "--key", keys+".key")
				if name == "pack" {
					h.run(pack, append(args, "oci://"+ref)...)
				} else {
					h.run(cosign, append(args, ref)...)
				}
				other := map[string]string{"of-pack": "of-cosign", "of-cosign": "of-pack"}[keys]
				checkCosign(&h, cosign, pack, name, ref, keys+".pub", other+".pub")
			})
		}
	}
}

// checkCosign has both check a signature: the one key has made it, the other has not.
func checkCosign(h *hands, cosign, pack tool, signer, ref, right, wrong string) {
	h.t.Helper()
	for key, want := range map[string]bool{right: true, wrong: false} {
		out, err := h.try(pack, "registry", "verify", "oci://"+ref, "--plain-http", "--key", key)
		if (err == nil) != want {
			h.t.Errorf("pack checks a signature of %s with %s: %v\n%s", signer, key, err, out)
		}
		args := []string{"verify", "--allow-http-registry", "--insecure-ignore-tlog", "--key", key}
		if signer == "cosign-by-tag" {
			args = append(args, "--new-bundle-format=false")
		}
		if out, err = h.try(cosign, append(args, ref)...); (err == nil) != want {
			h.t.Errorf("Cosign checks a signature of %s with %s: %v\n%s", signer, key, err, out)
		}
	}
}
