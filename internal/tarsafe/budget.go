package tarsafe

import "fmt"

// perEntry is what an entry may take up in the stream beside its data: header,
// padding and extended headers.
const perEntry = 4096

// Budget is how much may still be read. One budget serves an archive and the
// archives inside it, so that they cannot multiply. It is not safe for
// concurrent use.
type Budget struct {
	bytes, maxBytes int64
	files, maxFiles int
	warnings        int
}

// NewBudget returns a budget of so many bytes of file data, and so many files
// and folders.
func NewBudget(maxBytes int64, maxFiles int) *Budget {
	return &Budget{bytes: maxBytes, maxBytes: maxBytes, files: maxFiles, maxFiles: maxFiles}
}

// Left is how many bytes may still be taken.
func (b *Budget) Left() int64 { return b.bytes }

// TakeBytes takes n bytes from the budget; the error wraps ErrTooLarge.
func (b *Budget) TakeBytes(n int64) error {
	if n < 0 || n > b.bytes {
		return b.errBytes()
	}
	b.bytes -= n
	return nil
}

// TakeFile takes one file or folder; the error wraps ErrTooLarge.
func (b *Budget) TakeFile() error {
	if b.files <= 0 {
		return fmt.Errorf("%w: more than %d files and folders", ErrTooLarge, b.maxFiles)
	}
	b.files--
	return nil
}

// maxWarnings is how many warnings one budget allows: an archive can hold tens of
// thousands of links.
const maxWarnings = 20

// warner is warn for so many.
func (b *Budget) warner(warn func(string)) func(string) {
	return func(text string) {
		switch b.warnings++; {
		case b.warnings <= maxWarnings:
			warn(text)
		case b.warnings == maxWarnings+1:
			warn("the archive gives rise to more warnings, which are not shown")
		}
	}
}

func (b *Budget) errBytes() error {
	return &sizeError{max: b.maxBytes}
}

// sizeError says that the sum of the files is over the limit, in Helm's words.
type sizeError struct{ max int64 }

func (e *sizeError) Error() string {
	return fmt.Sprintf("decompressed chart is larger than the maximum size %d", e.max)
}

func (e *sizeError) Is(target error) bool { return target == ErrTooLarge }
