#include "http/socket_file.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "http/connection_deadlines.hpp"
#include "http/groups.hpp"
#include "integration/admin/raw_http.hpp"

namespace bearerd::http {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class SocketFileTest : public testing::Test {
 protected:
  SocketFileTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bearerd-socket-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    path_ = directory_ + "/a.sock";
  }
  ~SocketFileTest() override { std::filesystem::remove_all(directory_); }
  std::string directory_, path_;
};

TEST_F(SocketFileTest, is_open_to_owner_and_group_only_whatever_the_umask) {
  for (const mode_t mask : {mode_t{0}, mode_t{0077}}) {
    const mode_t before = ::umask(mask);
    const auto socket = open_socket_file({path_, {}});
    ::umask(before);
    ASSERT_TRUE(socket) << socket.error().text;
    struct stat status{};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0660U);
    std::filesystem::remove(path_);
  }
}

TEST_F(SocketFileTest, replaces_what_a_killed_daemon_left) {
  {
    const auto dead = open_socket_file({path_, {}});
    ASSERT_TRUE(dead) << dead.error().text;
  }
  ASSERT_TRUE(std::filesystem::exists(path_));
  const auto socket = open_socket_file({path_, {}});
  ASSERT_TRUE(socket);
  EXPECT_TRUE(tests::connect_unix(path_).is_open());
}

TEST_F(SocketFileTest, does_not_steal_a_path_that_another_serves) {
  const auto first = open_socket_file({path_, {}});
  const auto second = open_socket_file({path_, {}});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().text, HasSubstr("another process"));
}

TEST_F(SocketFileTest, does_not_remove_what_is_no_socket) {
  std::ofstream(path_) << "precious";
  ASSERT_FALSE(open_socket_file({path_, {}}));
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(SocketFileTest, refuses_a_path_that_does_not_fit) {
  const auto socket = open_socket_file({directory_ + "/" + std::string(200, 'x'), {}});
  ASSERT_FALSE(socket);
  EXPECT_THAT(socket.error().text, HasSubstr("too long"));
}

TEST_F(SocketFileTest, lets_a_named_group_in_by_an_access_list) {
  const auto socket = open_socket_file({path_, {"daemon", "nogroup"}});
  ASSERT_TRUE(socket) << socket.error().text;
  const ssize_t bytes = ::getxattr(path_.c_str(), "system.posix_acl_access", nullptr, 0);
  if (bytes < 0 && errno == ENOTSUP) GTEST_SKIP() << "this file system has no access lists";
  EXPECT_EQ(bytes, 4 + 6 * 8);  // a version; owner, group, the two, mask, others
  struct stat status{};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0660U);
}

TEST_F(SocketFileTest, a_single_group_owns_the_file) {
  if (::getuid() != 0) GTEST_SKIP() << "only root may give a file to any group";
  const auto socket = open_socket_file({path_, {"daemon"}});
  ASSERT_TRUE(socket) << socket.error().text;
  struct stat status{};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_gid, find_group("daemon"));
  EXPECT_EQ(::getxattr(path_.c_str(), "system.posix_acl_access", nullptr, 0), -1);
}

TEST_F(SocketFileTest, tells_which_groups_do_not_exist) {
  const auto socket = open_socket_file({path_, {"daemon", "bearerd-no-such-group"}});
  ASSERT_TRUE(socket) << socket.error().text;
  EXPECT_THAT(socket->unknown_groups, ElementsAre("bearerd-no-such-group"));
}

TEST_F(SocketFileTest, removes_its_own_file_and_not_a_successors) {
  const auto first = open_socket_file({path_, {}});
  ASSERT_TRUE(first);
  std::filesystem::rename(path_, path_ + ".old");
  const auto second = open_socket_file({path_, {}});
  ASSERT_TRUE(second) << second.error().text;
  first->remove();
  EXPECT_TRUE(std::filesystem::exists(path_));
  second->remove();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST(ConnectionDeadlines, a_connection_is_ended_at_its_deadline) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const base::FileDescriptor ours(ends[0]), theirs(ends[1]);
  ConnectionDeadlines deadlines(1ms);
  static_cast<void>(deadlines.watch(ours.get()));
  EXPECT_EQ(tests::read_all(theirs.get()), "");
}

TEST(ConnectionDeadlines, another_deadline_ends_a_connection_before_those_that_came_first) {
  int ends[2] = {-1, -1};
  int others[2] = {-1, -1};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, others), 0);
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const base::FileDescriptor first(others[0]), peer_of_first(others[1]), second(ends[0]), peer_of_second(ends[1]);
  ConnectionDeadlines deadlines(1h);
  static_cast<void>(deadlines.watch(first.get()));
  static_cast<void>(deadlines.watch(second.get()));
  deadlines.set(second.get(), 1ms);
  EXPECT_EQ(tests::read_all(peer_of_second.get()), "");
  tests::send_all(first.get(), "x");
  char byte = 0;
  EXPECT_EQ(::recv(peer_of_first.get(), &byte, 1, 0), 1);
}

TEST(ConnectionDeadlines, more_time_keeps_a_connection) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const base::FileDescriptor ours(ends[0]), theirs(ends[1]);
  int others[2] = {-1, -1};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, others), 0);
  const base::FileDescriptor short_lived(others[0]), its_peer(others[1]);
  ConnectionDeadlines deadlines(100ms);
  static_cast<void>(deadlines.watch(ours.get()));
  deadlines.set(ours.get(), 1h);
  static_cast<void>(deadlines.watch(short_lived.get()));
  EXPECT_EQ(tests::read_all(its_peer.get()), "");  // by now the first would have been ended too
  tests::send_all(ours.get(), "x");
  char byte = 0;
  EXPECT_EQ(::recv(theirs.get(), &byte, 1, 0), 1);
}

TEST(ConnectionDeadlines, a_forgotten_connection_is_let_be) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const base::FileDescriptor ours(ends[0]), theirs(ends[1]);
  ConnectionDeadlines deadlines(1h);
  deadlines.forget(deadlines.watch(ours.get()));
  deadlines.end_all();
  tests::send_all(ours.get(), "x");
  char byte = 0;
  EXPECT_EQ(::recv(theirs.get(), &byte, 1, 0), 1);
}

}  // namespace
}  // namespace bearerd::http
