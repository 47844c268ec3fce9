#include <cstdlib>
#include <dlfcn.h>
#include <netdb.h>
#include <string_view>
#include <time.h>

// To be loaded in front of a program: names that end in `.windows.net` are looked up for half a
// minute, in vain.
extern "C" int getaddrinfo(char const* host, char const* service, addrinfo const* hints,
                           addrinfo** found)
{
    using look_up = int (*)(char const*, char const*, addrinfo const*, addrinfo**);
    static auto const system = reinterpret_cast<look_up>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    std::string_view const name = host == nullptr ? "" : host;
    if (!name.ends_with(".windows.net"))
        return system(host, service, hints, found);
    timespec const pause{30, 0};
    ::nanosleep(&pause, nullptr);
    return EAI_NONAME;
}
