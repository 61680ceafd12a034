import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Field } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { LanguageSelect } from '../ui/language-select.tsx';
import { SIGN_IN as w } from './house-words.ts';

export function SignIn(): JSX.Element {
  const desk = useDesk();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFault('');
    try {
      await desk.signIn(username.trim(), password);
    } catch (error) {
      setFault(error instanceof Error ? error.message : w.couldNotSignIn);
      setPassword('');
      setBusy(false);
    }
  };

  return (
    <main class="signin">
      <form class="form card" onSubmit={(event) => void submit(event)}>
        <div class="logo" aria-hidden="true">
          {w.logo}
        </div>
        <h1>{w.seatDesk}</h1>
        <p class="dim">{w.n12345GovernmentServiceHotline}</p>
        <Field label={w.userName}>
          <input value={username} onInput={(event) => setUsername(event.currentTarget.value)} autocomplete="username" autocapitalize="off" spellcheck={false} required autofocus />
        </Field>
        <Field label={w.password}>
          <input type="password" value={password} onInput={(event) => setPassword(event.currentTarget.value)} autocomplete="current-password" required />
        </Field>
        {fault === '' ? null : (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <button type="submit" class="primary" disabled={busy}>
          {busy ? w.signingIn : w.signIn}
        </button>
        <LanguageSelect />
      </form>
    </main>
  );
}
