// Anything in the words of either door, to be translated, copied and run.

import type { JSX } from 'preact';
import type { About } from '../page';
import type { Translator } from '../translate';
import { Title } from './bits';
import { Spellings } from './spellings';

interface BenchProps {
  readonly about: About;
  readonly translate: Translator;
  readonly arrived: boolean;
  readonly text: string;
  readonly variables: string;
}

export function BenchView({ about, translate, arrived, text, variables }: BenchProps): JSX.Element {
  return (
    <>
      <Title arrived={arrived}>Translate</Title>
      <p class="about">
        Write GraphQL and read REST, or paste a <code>curl</code> line, or a method and a path, and read GraphQL. The words are those of{' '}
        <code>diptych explain</code>. Nothing runs until you run it.
      </p>
      <Spellings about={about} translate={translate} source={{ text, variables }} />
    </>
  );
}
