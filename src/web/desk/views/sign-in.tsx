import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Field } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';

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
      setFault(error instanceof Error ? error.message : '登录没有成功');
      setPassword('');
      setBusy(false);
    }
  };

  return (
    <main class="signin">
      <form class="form card" onSubmit={(event) => void submit(event)}>
        <div class="logo" aria-hidden="true">
          呼
        </div>
        <h1>坐席工作台</h1>
        <p class="dim">12345 政务服务便民热线</p>
        <Field label="用户名">
          <input value={username} onInput={(event) => setUsername(event.currentTarget.value)} autocomplete="username" autocapitalize="off" spellcheck={false} required autofocus />
        </Field>
        <Field label="密码">
          <input type="password" value={password} onInput={(event) => setPassword(event.currentTarget.value)} autocomplete="current-password" required />
        </Field>
        {fault === '' ? null : (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <button type="submit" class="primary" disabled={busy}>
          {busy ? '正在登录' : '登录'}
        </button>
      </form>
    </main>
  );
}
