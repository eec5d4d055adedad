package provenance

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// separator is what stands between the two documents of a message: the marker
// of a document's beginning means something else in signed text.
const separator = "\n...\n"

// sums is the second document of a message.
type sums struct {
	Files  map[string]string `json:"files"`
	Images map[string]string `json:"images,omitempty"`
}

// NewMessage returns the text that is signed for an archive: the metadata of the
// chart, in YAML, and the digest of the archive under its file name.
func NewMessage(archive []byte, fileName string, metadata []byte) ([]byte, error) {
	text, err := yamlio.Marshal(map[string]any{"files": map[string]any{fileName: digestOf(archive)}})
	if err != nil {
		return nil, err
	}
	return append(append(bytes.Clone(metadata), separator...), text...), nil
}

// CheckMessage sees to it that a message whose signature is good is about an
// archive of this name and content, and returns the digest. The texts of its
// errors are Helm's.
func CheckMessage(message, archive []byte, fileName string) (string, error) {
	parts := bytes.Split(message, []byte(separator))
	if len(parts) < 2 {
		return "", errors.New("message block must have at least two parts")
	}
	var s sums
	if err := yamlio.Unmarshal(parts[1], &s); err != nil {
		return "", fmt.Errorf("the provenance file: %w", err)
	}
	signed, ok := s.Files[fileName]
	if !ok {
		return "", fmt.Errorf("provenance does not contain a SHA for a file named %q", fileName)
	}
	if digest := digestOf(archive); signed != digest {
		return "", fmt.Errorf("sha256 sum does not match for %s: %q != %q", fileName, signed, digest)
	}
	return signed, nil
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}
