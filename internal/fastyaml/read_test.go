package fastyaml_test

import "testing"

// TestReadLikeLibrary holds what is read of many small documents against the
// library. How many of them are declined shows that the test says something.
func TestReadLikeLibrary(t *testing.T) {
	t.Parallel()
	read := 0
	for _, text := range documents() {
		if checkTree(t, text) {
			read++
		}
	}
	t.Logf("%d documents of %d were read", read, len(documents()))
	if read < len(documents())/4 {
		t.Errorf("only %d documents of %d were read", read, len(documents()))
	}
}

func TestHeadLikeLibrary(t *testing.T) {
	t.Parallel()
	all := append(documents(), heads()...)
	read := 0
	for _, text := range all {
		if checkHead(t, text) {
			read++
		}
	}
	t.Logf("%d heads of %d were read", read, len(all))
	if read < len(all)/10 {
		t.Errorf("only %d heads of %d were read", read, len(all))
	}
}
