/* For wine_check.sh: keeps files open as programs on Windows do.
   hold SECONDS none|read FILE...   none: shared with nobody; read: others may read, as Excel lets them
   hold 0 look FILE...              prints the attributes of each */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

int wmain(int count, wchar_t **words) {
  if (count < 4) return 2;
  DWORD share = wcscmp(words[2], L"none") == 0 ? 0 : FILE_SHARE_READ;
  for (int i = 3; i < count; i++) {
    if (wcscmp(words[2], L"look") == 0) {
      printf("%lu\n", GetFileAttributesW(words[i]));
      continue;
    }
    HANDLE file = CreateFileW(words[i], GENERIC_READ | GENERIC_WRITE, share, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) return 1;
  }
  printf("held\n");
  fflush(stdout);
  Sleep(_wtoi(words[1]) * 1000);
  return 0;
}
