import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawExpansionMap } from '../../src/suite/expansion-map.js';
import type { ExpansionRecord } from '../../src/suite/run-expansion.js';

const record = (expansion: number, d: number, r: number, atFloor: number): ExpansionRecord => ({
  target: 'tanh',
  d,
  r,
  seed: 5,
  expansion,
  width: expansion * r,
  students: 10,
  atFloor,
  recovered: atFloor > 0,
  widths: [r],
  maxWeightError: 1e-15,
  seconds: 1,
});

const records = [1, 4].flatMap((expansion) =>
  [2, 32].flatMap((d) => [2, 8].map((r) => record(expansion, d, r, expansion === 1 ? 0 : d === 2 ? 3 : 10))),
);
const svg = drawExpansionMap(records, 'parallel', 5);

test('every cell has its share as a number, every panel its ρ and what was recovered', () => {
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]);
  const count = (words: string) => texts.filter((text) => text === words).length;
  assert.deepEqual([count('0'), count('30'), count('100')], [4, 2, 2]);
  assert.deepEqual([count('ρ = 1'), count('ρ = 4')], [1, 1]);
  assert.deepEqual([count('0 % of problems recovered'), count('100 % of problems recovered')], [1, 1]);
  assert.deepEqual([count('inputs d'), count('neurons r')], [2, 1]);
  assert.ok(texts[0].includes('tanh') && texts[0].includes('parallel'));
});

test('the picture is described in words for those who do not see it', () => {
  assert.match(svg, /<svg [^>]*role="img" aria-labelledby="title description"/);
  assert.match(svg, /<title id="title">Ease of identifiability: tanh, parallel family<\/title>/);
  const description = /<desc id="description">([^<]*)<\/desc>/.exec(svg)![1];
  assert.match(description, /ρ = 4: 65 % of students at the floor, 100 % of problems recovered/);
  assert.match(description, /for d = 2, 32: r = 2: 30, 100; r = 8: 30, 100\./);
});

test('the file is well-formed, has one size of type, and numbers stand out on their cells', () => {
  const open: string[] = [];
  for (const [, closing, name, selfClosing] of svg.matchAll(/<(\/?)(\w+)(?:\s[^>]*?)?(\/?)>/g)) {
    if (closing) assert.equal(open.pop(), name);
    else if (!selfClosing) open.push(name);
  }
  assert.deepEqual(open, []);
  assert.equal(svg.match(/font-size/g)!.length, 1);
  assert.match(svg, /fill="#fff">100</);
  assert.match(svg, /fill="#000">0</);
  assert.doesNotMatch(svg, /NaN|undefined/);
});
