// Package provenance signs and verifies charts as Helm does: a provenance file
// beside an archive, which is text that OpenPGP signs, with the metadata of the
// chart and the digest of the archive.
package provenance

// Verification is what a provenance file proved.
type Verification struct {
	// SignedBy are the identities of the key: "Name (comment) <email>".
	SignedBy []string
	// Fingerprint is that of the key, in upper-case hexadecimal.
	Fingerprint string
	// Digest is that of the archive, "sha256:…".
	Digest string
	// FileName is the name of the archive that was signed.
	FileName string
}
