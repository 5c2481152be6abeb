"""A thread that has been started has a number, whoever asks first."""
import threading

main = threading.main_thread()
print(main.native_id == threading.get_native_id())

unstarted = threading.Thread(target=print)
print(unstarted.native_id, unstarted.ident)

wrong = 0
for _ in range(200):
    told = []
    thread = threading.Thread(target=lambda: told.append(threading.get_native_id()))
    thread.start()
    number = thread.native_id
    thread.join()
    wrong += number != told[0] or number != thread.native_id
print(wrong)
