//go:build !unix

package cli

import "testing"

func makePipe(t *testing.T, _ string) {
	t.Helper()
	t.Skip("there are no named pipes")
}
