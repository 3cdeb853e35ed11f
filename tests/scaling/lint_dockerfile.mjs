// Prints as JSON what is wrong with a Dockerfile, its path being the argument.
import { readFileSync } from 'node:fs';
import { validate } from 'dockerfile-utils';

const error = 1;
const settings = {
  deprecatedMaintainer: error,
  directiveCasing: error,
  emptyContinuationLine: error,
  instructionCasing: error,
  instructionCmdMultiple: error,
  instructionEntrypointMultiple: error,
  instructionHealthcheckMultiple: error,
  instructionJSONInSingleQuotes: error,
  instructionWorkdirRelative: error,
};
const problems = validate(readFileSync(process.argv[2], 'utf8'), settings);
console.log(JSON.stringify(problems.map(({ message, range }) => `line ${range.start.line + 1}: ${message}`)));
