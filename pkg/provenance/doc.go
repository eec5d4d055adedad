// Package provenance is about the provenance files of charts, which say who has
// published an archive: text with the metadata of the chart and the digest of
// the archive, signed. Package provenance/openpgp signs and checks them.
package provenance

// Verification is what a provenance file proved.
type Verification struct {
	// SignedBy are the identities of the key, sorted: "Name (comment) <email>".
	SignedBy []string
	// Fingerprint is that of the key, in upper-case hexadecimal.
	Fingerprint string
	// Digest is that of the archive, "sha256:…".
	Digest string
	// FileName is the name of the archive that was signed.
	FileName string
}
