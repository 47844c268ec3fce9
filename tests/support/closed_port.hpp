#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kusto::test
{

/// A loopback port on which nobody listens; bound, so that nobody else takes it.
class closed_port
{
public:
    closed_port()
    {
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(where);
        ::bind(socket_, reinterpret_cast<sockaddr*>(&where), size);
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&where), &size);
        port = ntohs(where.sin_port);
    }
    closed_port(closed_port const&) = delete;
    closed_port& operator=(closed_port const&) = delete;
    ~closed_port() { ::close(socket_); }

    int port = 0;

private:
    int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

} // namespace kusto::test
