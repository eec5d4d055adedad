package cli

import (
	"errors"

	"github.com/seed-0d4f92cc/pack/pkg/provenance"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// What the branches of this week bring.

var errPending = errors.New("not there yet")

func (s *session) defaultKeyring() string                    { return "" }
func (s *session) readKeyring(string) (repo.Verifier, error) { return nil, errPending }
func (s *session) verifyArchive(string, string) (*provenance.Verification, error) {
	return nil, errPending
}
func printVerification(*session, *provenance.Verification) {}
