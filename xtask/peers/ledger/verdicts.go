// Verdicts of golang.org/x/mod/sumdb on logs made by Tracegate.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run verdicts.go FOLDER
//
// Prints CASE<TAB>go<TAB>accept|reject<TAB>REASON for every case under FOLDER. Its `note` checks the
// signature; its `tlog` hashes every entry, compares the roots of the head and of the head seen
// before, and every hash tile. (Its TileHashReader is no help: read in bulk, it takes a tile on
// trust.) It knows no cosignatures and no entry bundles; those are read here.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func path(row string, index int64, width int) string {
	name := fmt.Sprintf("%03d", index%1000)
	for index >= 1000 {
		index /= 1000
		name = fmt.Sprintf("x%03d/%s", index%1000, name)
	}
	if width < 1<<height {
		name = fmt.Sprintf("%s.p/%d", name, width)
	}
	return filepath.Join("tile", row, name)
}

func readHead(file string, key note.Verifier) (tree tlog.Tree, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(data, note.VerifierList(key))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != key.Name() {
		return tree, fmt.Errorf("no head of %s", key.Name())
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

func check(folder string) error {
	text, err := os.ReadFile(filepath.Join(folder, "log.vkey"))
	if err != nil {
		return err
	}
	key, err := note.NewVerifier(strings.TrimSpace(string(text)))
	if err != nil {
		return err
	}
	log := filepath.Join(folder, "log")
	head, err := readHead(filepath.Join(log, "checkpoint"), key)
	if err != nil {
		return err
	}
	seen, err := readHead(filepath.Join(folder, "seen"), key)
	if err != nil {
		return err
	}
	hashes, err := rebuild(log, head.N)
	if err != nil {
		return err
	}
	for _, tree := range []tlog.Tree{head, seen} {
		if tree.N > head.N {
			return fmt.Errorf("rolled back from %d to %d", tree.N, head.N)
		}
		root, err := tlog.TreeHash(tree.N, hashes)
		if err != nil {
			return err
		}
		if root != tree.Hash {
			return fmt.Errorf("the entries lead to another root at size %d", tree.N)
		}
	}
	return checkTiles(log, head.N, hashes)
}

// rebuild hashes every entry.
func rebuild(log string, size int64) (tlog.HashReader, error) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (hashes []tlog.Hash, err error) {
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	var bundle []byte
	for index := int64(0); index < size; index++ {
		if index%(1<<height) == 0 {
			width := size - index
			if width > 1<<height {
				width = 1 << height
			}
			var err error
			if bundle, err = os.ReadFile(filepath.Join(log, path("entries", index>>height, int(width)))); err != nil {
				return nil, err
			}
		}
		if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
			return nil, fmt.Errorf("the bundle is cut short at entry %d", index)
		}
		length := 2 + int(binary.BigEndian.Uint16(bundle))
		hashes, err := tlog.StoredHashesForRecordHash(index, tlog.RecordHash(bundle[2:length]), reader)
		if err != nil {
			return nil, err
		}
		stored = append(stored, hashes...)
		bundle = bundle[length:]
	}
	return reader, nil
}

// checkTiles compares every hash tile with the hashes of the entries.
func checkTiles(log string, size int64, hashes tlog.HashReader) error {
	for _, tile := range tlog.NewTiles(height, 0, size) {
		// Earlier versions of a partial tile are listed as well; they need not be kept.
		if filled := size>>(height*tile.L) - tile.N<<height; int64(tile.W) < filled && tile.W < 1<<height {
			continue
		}
		want, err := tlog.ReadTileData(tile, hashes)
		if err != nil {
			return err
		}
		name := path(strconv.Itoa(tile.L), tile.N, tile.W)
		found, err := os.ReadFile(filepath.Join(log, name))
		if err != nil {
			return err
		}
		if !bytes.Equal(found, want) {
			return fmt.Errorf("%s is not the tile of these entries", name)
		}
	}
	return nil
}

func main() {
	cases, err := os.ReadDir(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, entry := range cases {
		if !entry.IsDir() {
			continue
		}
		verdict, reason := "accept", ""
		if err := check(filepath.Join(os.Args[1], entry.Name())); err != nil {
			verdict, reason = "reject", err.Error()
		}
		fmt.Printf("%s\tgo\t%s\t%s\n", entry.Name(), verdict, reason)
	}
}
